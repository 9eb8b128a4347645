#include "swath/io/formats/csv_source.h"

#include <algorithm>
#include <mutex>

#include "arrow/array.h"
#include "arrow/compute/initialize.h"
#include "arrow/io/interfaces.h"
#include "arrow/type.h"
#include "arrow/util/io_util.h"
#include "arrow/util/utf8.h"

#include "swath/base/nearest.h"
#include "swath/base/units.h"
#include "swath/io/formats/csv_boundaries.h"
#include "swath/io/formats/csv_plan.h"
#include "swath/io/formats/csv_reader.h"
#include "swath/io/formats/input_streams.h"

namespace swath::io {
namespace {

using ops::BatchReader;
using ops::ScanSource;

// A file of the scan, with what is learnt about it when it is first opened. Thread-safe.
class CsvFile {
 public:
  CsvFile(int64_t first_partition, int64_t partitions) : first_partition(first_partition), partitions(partitions) {}
  const int64_t first_partition;
  const int64_t partitions;

  // Checks the header against the plan's columns and prepares the boundaries, once.
  Result<std::shared_ptr<CsvBoundaries>> Boundaries(const CsvPlan& plan, const FileInfo& info, int64_t* data_start) {
    const std::lock_guard lock(mutex_);
    if (!boundaries_) {
      ASSIGN_OR_RETURN(data_start_, FindData(plan, info));
      boundaries_ =
          std::make_shared<CsvBoundaries>(CsvLexer(plan.options), data_start_, std::max(info.size, data_start_),
                                          std::max<int64_t>(1, plan.options.blocksize));
    }
    *data_start = data_start_;
    return boundaries_;
  }

 private:
  static Result<int64_t> FindData(const CsvPlan& plan, const FileInfo& info) {
    std::string head;
    for (int64_t wanted = 64 << 10;; wanted *= 8) {
      ASSIGN_OR_RETURN(const auto text, OpenText(*plan.store, info.path, plan.options));
      head.resize(static_cast<size_t>(wanted));
      int64_t size = 0;
      for (int64_t got = -1; size < wanted && got != 0; size += got) {
        ASSIGN_OR_RETURN(got, text->Read(wanted - size, head.data() + size));
      }
      head.resize(static_cast<size_t>(size));
      const bool complete = size < wanted;
      auto parsed = ParseHead(head, complete, info.path, plan.options);
      if (!parsed.ok() && !complete && wanted < (64 << 20)) continue;
      if (!parsed.ok()) return parsed.status();
      RETURN_IF_ERROR(CheckNames(parsed->names, plan, info.path));
      return parsed->data_start;
    }
  }

  static Status CheckNames(const std::vector<std::string>& names, const CsvPlan& plan, const std::string& path) {
    const auto same = [](const std::string& name, const CsvColumn& column) { return name == column.name; };
    if (std::equal(names.begin(), names.end(), plan.columns.begin(), plan.columns.end(), same)) return Status::OK();
    std::string have, want;
    for (const std::string& name : names) have += (have.empty() ? "" : ", ") + name;
    for (const CsvColumn& column : plan.columns) want += (want.empty() ? "" : ", ") + column.name;
    return Status::Invalid("'", path, "' has other columns than '", plan.files.front().path, "': [", have,
                           "], expected [", want, "]");
  }

  std::mutex mutex_;
  std::shared_ptr<CsvBoundaries> boundaries_;
  int64_t data_start_ = 0;
};

class CsvSource : public ScanSource {
 public:
  CsvSource(std::shared_ptr<const CsvPlan> plan, std::vector<std::shared_ptr<CsvFile>> files, std::vector<int> columns,
            bool with_path)
      : plan_(std::move(plan)), files_(std::move(files)), columns_(std::move(columns)), with_path_(with_path) {
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (const int c : columns_) {
      const CsvColumn& column = plan_->columns[static_cast<size_t>(c)];
      fields.push_back(arrow::field(column.name, column.type));
    }
    if (with_path_) {
      fields.push_back(
          arrow::field(plan_->options.include_path_column, arrow::dictionary(arrow::int32(), arrow::large_utf8())));
    }
    schema_ = arrow::schema(std::move(fields));
  }

  std::string_view format() const override { return "csv"; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t partition_count() const override { return files_.back()->first_partition + files_.back()->partitions; }

  std::string PartitionName(int64_t partition) const override {
    const size_t file = FileOf(partition);
    const FileInfo& info = plan_->files[file];
    const std::string name = info.path.substr(info.path.find_last_of('/') + 1);
    if (files_[file]->partitions == 1) return name;
    const int64_t begin = (partition - files_[file]->first_partition) * plan_->options.blocksize;
    return name + " [" + FormatBytes(begin) + ", " +
           FormatBytes(std::min(info.size, begin + plan_->options.blocksize)) + ")";
  }

  int64_t EstimatedBytes(int64_t partition) const override {
    const size_t file = FileOf(partition);
    const int64_t text = plan_->files[file].size / files_[file]->partitions;
    const double share = static_cast<double>(schema_->num_fields()) / static_cast<double>(plan_->columns.size());
    const double growth =
        files_[file]->partitions == 1 && IsStream(plan_->files[file].path, plan_->options) ? 4.0 : 1.3;
    return static_cast<int64_t>(static_cast<double>(text) * share * growth);
  }

  Result<std::shared_ptr<const ScanSource>> WithColumns(std::vector<std::string> columns) const override {
    std::vector<int> positions;
    bool with_path = false;
    for (const std::string& name : columns) {
      if (!schema_->GetFieldByName(name)) {
        return Status::KeyError("no column '", name, "'", DidYouMean(name, schema_->field_names()));
      }
      if (with_path_ && name == plan_->options.include_path_column) {
        with_path = true;
        continue;
      }
      const auto at = std::find_if(plan_->columns.begin(), plan_->columns.end(),
                                   [&](const CsvColumn& column) { return column.name == name; });
      positions.push_back(static_cast<int>(at - plan_->columns.begin()));
    }
    return std::make_shared<CsvSource>(plan_, files_, std::move(positions), with_path);
  }

  Result<std::unique_ptr<BatchReader>> Open(int64_t partition, arrow::MemoryPool* pool) const override {
    CHECK(partition >= 0 && partition < partition_count());
    const size_t file = FileOf(partition);
    const FileInfo& info = plan_->files[file];
    CsvRange range{.file = static_cast<int64_t>(file)};
    ASSIGN_OR_RETURN(const auto boundaries, files_[file]->Boundaries(*plan_, info, &range.begin));
    std::shared_ptr<arrow::io::InputStream> text;
    if (IsStream(info.path, plan_->options)) {
      ASSIGN_OR_RETURN(text, OpenText(*plan_->store, info.path, plan_->options));
      RETURN_IF_ERROR(text->Advance(range.begin));
    } else {
      ASSIGN_OR_RETURN(auto random, plan_->store->Open(info.path));
      const int64_t k = partition - files_[file]->first_partition;
      ASSIGN_OR_RETURN(range.begin, boundaries->Start(random.get(), k));
      range.end = info.size;
      if (k + 1 < files_[file]->partitions) {
        ASSIGN_OR_RETURN(range.end, boundaries->Start(random.get(), k + 1));
      }
      text = std::make_shared<RangeInput>(std::move(random), range.begin);
    }
    return std::make_unique<CsvReader>(plan_, range, columns_, schema_, std::move(text), pool);
  }

  std::string Fingerprint() const override {
    std::string text = "csv";
    for (const FileInfo& file : plan_->files) {
      text += "|" + file.path + ":" + std::to_string(file.size) + ":" + std::to_string(file.modified_ns);
    }
    const ops::CsvReadOptions& o = plan_->options;
    text += "|" + std::string({o.sep, o.quotechar, o.escapechar.value_or('\0'), o.comment.value_or('\0'), o.decimal}) +
            std::to_string(o.header.value_or(-1)) + "," + std::to_string(o.skiprows) + "," +
            std::to_string(o.nrows.value_or(-1)) + "," + std::to_string(o.blocksize) + "," + std::to_string(o.quoting) +
            std::to_string(o.doublequote) + std::to_string(o.skipinitialspace) + std::to_string(o.skip_blank_lines) +
            std::to_string(o.na_filter) + std::to_string(static_cast<int>(o.on_bad_lines)) + o.encoding + "," +
            o.compression + "," + o.date_format;
    for (const auto* list : {&plan_->convert.null_values, &plan_->convert.true_values, &plan_->convert.false_values}) {
      text += "|";
      for (const std::string& value : *list) text += value + "\x1f";
    }
    return text + "|" + schema_->ToString();
  }

  std::string ToString() const override {
    const std::string& path = plan_->files.front().path;
    std::string text = "read_csv(" + path.substr(path.find_last_of('/') + 1);
    if (plan_->files.size() > 1) text += " and " + std::to_string(plan_->files.size() - 1) + " more";
    text += ", columns=[";
    for (int i = 0; i < schema_->num_fields(); ++i) text += (i > 0 ? ", " : "") + schema_->field(i)->name();
    return text + "])";
  }

 private:
  size_t FileOf(int64_t partition) const {
    const auto after = std::upper_bound(files_.begin(), files_.end(), partition,
                                        [](int64_t p, const auto& file) { return p < file->first_partition; });
    return static_cast<size_t>(after - files_.begin()) - 1;
  }

  std::shared_ptr<const CsvPlan> plan_;
  std::vector<std::shared_ptr<CsvFile>> files_;  // shared by all projections of the scan
  std::vector<int> columns_;
  bool with_path_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

Result<std::shared_ptr<const ScanSource>> MakeCsvSource(const std::vector<std::string>& paths,
                                                        const ops::CsvReadOptions& options) {
  RETURN_IF_ERROR(arrow::compute::Initialize());
  arrow::util::InitializeUTF8();
  ASSIGN_OR_RETURN(const std::shared_ptr<const CsvPlan> plan, MakeCsvPlan(paths, options));
  std::vector<std::shared_ptr<CsvFile>> files;
  int64_t partitions = 0;
  for (const FileInfo& file : plan->files) {
    int64_t count = 1;
    if (!IsStream(file.path, options))
      count = std::max<int64_t>(1, (file.size + options.blocksize - 1) / options.blocksize);
    files.push_back(std::make_shared<CsvFile>(partitions, count));
    partitions += count;
  }
  std::vector<int> columns;
  for (size_t i = 0; i < plan->columns.size(); ++i) {
    const auto& wanted = options.usecols;
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), plan->columns[i].name) != wanted.end()) {
      columns.push_back(static_cast<int>(i));
    }
  }
  return std::make_shared<CsvSource>(plan, std::move(files), std::move(columns), !options.include_path_column.empty());
}

}  // namespace swath::io
