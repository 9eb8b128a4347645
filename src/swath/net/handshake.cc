#include "swath/net/handshake.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "arrow/buffer.h"

namespace swath::net {
namespace {

// u16 major, u16 minor, u8 role, u8 length of the name, the name; in a hello the token follows.
std::string EncodeIntroduction(const Introduction& self) {
  std::string text(5, '\0');
  std::memcpy(text.data(), &self.version.major, 2);
  std::memcpy(text.data() + 2, &self.version.minor, 2);
  text[4] = static_cast<char>(self.role);
  const std::string_view name = std::string_view(self.name).substr(0, kPeerNameMax);
  text += static_cast<char>(static_cast<uint8_t>(name.size()));
  text += name;
  return text;
}

Result<Introduction> ParseIntroduction(std::string_view* text) {
  Introduction peer;
  if (text->size() < 6) return Status::IOError("the introduction is too short");
  std::memcpy(&peer.version.major, text->data(), 2);
  std::memcpy(&peer.version.minor, text->data() + 2, 2);
  const auto role = static_cast<uint8_t>((*text)[4]);
  if (role < static_cast<uint8_t>(Role::kClient) || role > static_cast<uint8_t>(Role::kViewer)) {
    return Status::IOError(fmt::format("unknown role {}", role));
  }
  peer.role = static_cast<Role>(role);
  const auto length = static_cast<uint8_t>((*text)[5]);
  if (length > kPeerNameMax || text->size() < 6U + length) return Status::IOError("the introduction is too short");
  peer.name = text->substr(6, length);
  for (char& c : peer.name) {  // it goes to terminals and logs
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  text->remove_prefix(6U + length);
  return peer;
}

Status CheckVersion(const Introduction& peer, const Introduction& self) {
  if (peer.version.major == self.version.major) return Status::OK();
  return Status::Invalid(fmt::format("{} speaks protocol {}.{}, this {} speaks {}.{}: install the same Swath on both",
                                     RoleName(peer.role), peer.version.major, peer.version.minor, RoleName(self.role),
                                     self.version.major, self.version.minor));
}

Frame WithText(FrameKind type, std::string text) {
  Frame frame{.type = type};
  frame.parts.push_back(arrow::Buffer::FromString(std::move(text)));
  return frame;
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kClient:
      return "client";
    case Role::kWorker:
      return "worker";
    case Role::kScheduler:
      return "scheduler";
    case Role::kViewer:
      return "viewer";
  }
  return "peer";
}

Frame EncodeHello(const Introduction& self, const Secret& token) {
  std::string text = EncodeIntroduction(self);
  text.append(reinterpret_cast<const char*>(token.bytes().data()), Secret::kBytes);
  return WithText(FrameKind::kHello, std::move(text));
}
Frame EncodeWelcome(const Introduction& self) { return WithText(FrameKind::kWelcome, EncodeIntroduction(self)); }
Frame EncodeRefusal(std::string_view why) { return WithText(FrameKind::kRefusal, std::string(why.substr(0, 2000))); }

Result<Introduction> CheckHello(const Frame& frame, const Introduction& self,
                                const std::vector<Credential>& credentials) {
  if (frame.type != FrameKind::kHello) return Status::IOError("the first frame of a connection must be a hello");
  const std::string text = frame.JoinedText();
  std::string_view rest = text;
  ASSIGN_OR_RETURN(Introduction peer, ParseIntroduction(&rest));
  RETURN_IF_ERROR(CheckVersion(peer, self));  // before the token: a newer hello may keep it elsewhere
  if (rest.size() < Secret::kBytes) return Status::IOError("the hello holds no token");
  std::array<uint8_t, Secret::kBytes> bytes;
  std::memcpy(bytes.data(), rest.data(), bytes.size());
  const Secret token(bytes);
  bool known = false;
  bool opens = false;
  for (const Credential& credential : credentials) {  // all of them, so that time tells nothing
    const bool equal = credential.token.Equals(token);
    known |= equal;
    opens |= equal && std::find(credential.roles.begin(), credential.roles.end(), peer.role) != credential.roles.end();
  }
  if (!known) return Status::Invalid("wrong token: use the one in the connection file of this cluster");
  if (!opens) return Status::Invalid(fmt::format("this token does not let a {} in here", RoleName(peer.role)));
  return peer;
}

Result<Introduction> CheckWelcome(const Frame& frame, const Introduction& self) {
  const std::string text = frame.JoinedText();
  if (frame.type == FrameKind::kRefusal) return Status::Invalid("the other side refused: " + text);
  if (frame.type != FrameKind::kWelcome) return Status::IOError("the other side did not answer with a welcome");
  std::string_view rest = text;
  ASSIGN_OR_RETURN(Introduction peer, ParseIntroduction(&rest));
  RETURN_IF_ERROR(CheckVersion(peer, self));
  return peer;
}

}  // namespace swath::net
