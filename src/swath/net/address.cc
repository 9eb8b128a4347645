#include "swath/net/address.h"

#include <charconv>

#include <fmt/format.h>

namespace swath::net {
namespace {

Status Wrong(std::string_view text, std::string_view why) {
  return Status::Invalid(
      fmt::format("address \"{}\": {}; accepted are tcp://HOST:PORT, tls://HOST:PORT and inproc://NAME", text, why));
}

}  // namespace

Result<Address> Address::Parse(std::string_view text) {
  Address address;
  std::string_view rest = text;
  if (const size_t colon = text.find("://"); colon != std::string_view::npos) {
    const std::string_view scheme = text.substr(0, colon);
    rest = text.substr(colon + 3);
    if (scheme == "inproc") {
      if (rest.empty()) return Wrong(text, "the name is missing");
      return Address{.scheme = Scheme::kInproc, .host = std::string(rest)};
    }
    if (scheme == "tls") {
      address.scheme = Scheme::kTls;
    } else if (scheme != "tcp") {
      return Wrong(text, fmt::format("unknown scheme \"{}\"", scheme));
    }
  }
  const size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return Wrong(text, "the port is missing");
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Wrong(text, "an IPv6 host stands in brackets");
  }
  if (host.empty()) return Wrong(text, "the host is missing");
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return Wrong(text, fmt::format("\"{}\" is no port (0 to 65535)", port));
  }
  address.host = host;
  return address;
}

std::string Address::ToString() const {
  if (scheme == Scheme::kInproc) return "inproc://" + host;
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", scheme == Scheme::kTls ? "tls" : "tcp", v6 ? "[" : "", host, v6 ? "]" : "",
                     port);
}

bool Address::is_loopback() const {
  if (scheme == Scheme::kInproc || host == "localhost" || host == "::1") return true;
  // A literal, not a name like 127.example.org: nothing but digits and dots.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace swath::net
