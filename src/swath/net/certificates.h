// Certificates that a cluster makes for itself: an authority (CA) whose fingerprint stands in the connection file, and
// an identity, signed by it, for every process that listens. Keys are EC P-256. Peers check that the certificate they
// meet was signed by the authority with that fingerprint; host names do not matter (workers move).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "swath/base/status.h"

namespace swath::net {

// What a listener shows: its certificate followed by the authority's, and its key. PEM.
struct TlsIdentity {
  std::string chain_pem;
  std::string key_pem;
  std::string fingerprint;  // of the authority: "sha256:" and 64 hexadecimal digits

  // One file, mode 0600 (chain, key); reading checks the mode and that the parts belong together.
  Status WriteFile(const std::string& path) const;
  static Result<TlsIdentity> ReadFile(const std::string& path);
  // From files of the user's own PKI (--tls-cert, --tls-key): the chain must end with the authority.
  static Result<TlsIdentity> FromPem(std::string chain_pem, std::string key_pem);
};

class CertificateAuthority {
 public:
  static Result<CertificateAuthority> Make(const std::string& cluster_name,
                                           std::chrono::hours valid_for = std::chrono::hours(24 * 365));
  // A certificate for one process; valid_for may be negative (expired at once, for tests).
  Result<TlsIdentity> Issue(const std::string& name, std::chrono::hours valid_for = std::chrono::hours(24 * 365)) const;
  const std::string& certificate_pem() const { return certificate_pem_; }
  const std::string& fingerprint() const { return fingerprint_; }
  // The authority with its key: only for whoever issues. Mode 0600.
  Status WriteFile(const std::string& path) const;
  static Result<CertificateAuthority> ReadFile(const std::string& path);

 private:
  CertificateAuthority() = default;
  std::string certificate_pem_;
  std::string key_pem_;
  std::string fingerprint_;
};

}  // namespace swath::net
