#include <algorithm>
#include <filesystem>

#include "swath/base/nearest.h"
#include "swath/io/stores/natural_order.h"
#include "swath/io/stores/store.h"

namespace swath::io {
namespace {

bool HasExtension(const std::string& path, const std::vector<std::string>& extensions) {
  return extensions.empty() || std::any_of(extensions.begin(), extensions.end(),
                                           [&](const std::string& extension) { return path.ends_with(extension); });
}

std::string FileName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string JoinPath(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

// Folders that match the pattern `components[0..i)`: one level after the other.
Result<std::vector<std::string>> MatchFolders(const std::string& pattern) {
  namespace fs = std::filesystem;
  std::vector<std::string> found = {pattern.starts_with('/') ? "/" : ""};
  size_t start = pattern.starts_with('/') ? 1 : 0;
  for (size_t slash; (slash = pattern.find('/', start)) != std::string::npos; start = slash + 1) {
    const std::string component = pattern.substr(start, slash - start);
    std::vector<std::string> next;
    for (const std::string& folder : found) {
      if (!IsPattern(component)) {
        next.push_back(JoinPath(folder, component));
        continue;
      }
      std::error_code error;
      for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, error)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_directory(error) && MatchesPattern(component, name)) next.push_back(JoinPath(folder, name));
      }
    }
    std::sort(next.begin(), next.end(), [](const auto& a, const auto& b) { return NaturalLess(a, b); });
    found = std::move(next);
  }
  return found;
}

Result<std::vector<FileInfo>> ExpandPattern(const Store& store, const std::string& pattern) {
  std::vector<FileInfo> files;
  const std::string name = FileName(pattern);
  ASSIGN_OR_RETURN(const std::vector<std::string> folders, MatchFolders(pattern));
  for (const std::string& folder : folders) {
    auto listed = store.List(folder.empty() ? "." : folder);
    if (!listed.ok()) continue;  // a folder that is not there holds no matches
    for (FileInfo& file : *listed) {
      const std::string file_name = FileName(file.path);
      if (!MatchesPattern(name, file_name)) continue;
      file.path = JoinPath(folder, file_name);
      files.push_back(std::move(file));
    }
  }
  if (files.empty()) return FileNotFound(pattern, "the pattern matches no file");
  return files;
}

// The data files of a folder, then those of its folders named "key=value".
Status AddDataFiles(const Store& store, const std::string& folder, const std::vector<std::string>& extensions,
                    std::vector<FileInfo>* files) {
  ASSIGN_OR_RETURN(std::vector<FileInfo> listed, store.List(folder));
  for (FileInfo& file : listed) {
    const std::string name = FileName(file.path);
    if (name.starts_with('.') || name.starts_with('_') || !HasExtension(name, extensions)) continue;
    files->push_back(std::move(file));
  }
  std::vector<std::string> inner;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory(error) && name.find('=') != std::string::npos && !name.starts_with('.'))
      inner.push_back(JoinPath(folder, name));
  }
  std::sort(inner.begin(), inner.end(), [](const auto& a, const auto& b) { return NaturalLess(a, b); });
  for (const std::string& path : inner) RETURN_IF_ERROR(AddDataFiles(store, path, extensions, files));
  return Status::OK();
}

Result<std::vector<FileInfo>> ExpandFolder(const Store& store, const std::string& folder,
                                           const std::vector<std::string>& extensions) {
  std::vector<FileInfo> files;
  RETURN_IF_ERROR(AddDataFiles(store, folder, extensions, &files));
  if (files.empty()) return FileNotFound(folder, "the folder holds no data files");
  return files;
}

// "no such file; did you mean 'flights.csv'?"
Status Missing(const Store& store, const std::string& path) {
  const size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  std::string why = "no such file or directory";
  if (const auto listed = store.List(folder); listed.ok()) {
    std::vector<std::string> names;
    for (const FileInfo& file : *listed) names.push_back(FileName(file.path));
    why += DidYouMean(FileName(path), names);
  }
  return FileNotFound(path, why);
}

}  // namespace

Result<std::vector<FileInfo>> ExpandPaths(const Store& store, const std::vector<std::string>& paths,
                                          const std::vector<std::string>& extensions) {
  if (paths.empty()) return Status::Invalid("no paths are given");
  std::vector<FileInfo> files;
  for (const std::string& path : paths) {
    std::vector<FileInfo> found;
    if (store.IsFolder(path)) {
      ASSIGN_OR_RETURN(found, ExpandFolder(store, path, extensions));
    } else if (auto info = store.Stat(path); info.ok()) {
      found = {*info};
    } else if (IsPattern(path)) {
      ASSIGN_OR_RETURN(found, ExpandPattern(store, path));
    } else {
      return Missing(store, path);
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

}  // namespace swath::io
