#include "swath/net/certificates.h"

#include <array>
#include <vector>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "swath/net/secret.h"

namespace swath::net {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

Status Failed(std::string_view what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return Status::IOError(fmt::format("cannot {}: {}", what, text.data()));
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);  // NOLINT(google-runtime-int)
  return {data, static_cast<size_t>(size)};
}
Bio Reader(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

Result<std::string> ToPem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return Failed("write a certificate");
  return TextOf(bio.get());
}
Result<std::string> ToPem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return Failed("write a key");
  return TextOf(bio.get());
}
Result<std::vector<Certificate>> CertificatesOf(const std::string& pem) {
  const Bio bio = Reader(pem);
  std::vector<Certificate> list;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) list.emplace_back(certificate);
  ERR_clear_error();
  if (list.empty()) return Status::Invalid("no certificate in the PEM text");
  return list;
}
Result<Key> KeyOf(const std::string& pem) {
  const Bio bio = Reader(pem);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key == nullptr) return Status::Invalid("no private key in the PEM text");
  return key;
}

Result<std::string> FingerprintOf(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return Failed("digest a certificate");
  std::string text = "sha256:";
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

Status AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1)
    return Failed("describe a certificate");
  return Status::OK();
}

// A certificate for `key`, signed by the issuer, or by itself when there is none.
Result<Certificate> Sign(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                         std::chrono::hours valid_for) {
  Certificate certificate(X509_new());
  X509* x = certificate.get();
  std::array<unsigned char, 16> serial;
  if (RAND_bytes(serial.data(), serial.size()) != 1) return Failed("draw a serial number");
  serial[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
  BN_free(number);
  X509_set_version(x, 2);                                                                // that is: 3
  constexpr long kHour = 3600;                                                           // NOLINT(google-runtime-int)
  X509_gmtime_adj(X509_getm_notBefore(x), -24 * kHour);                                  // clocks differ
  X509_gmtime_adj(X509_getm_notAfter(x), static_cast<long>(valid_for.count()) * kHour);  // NOLINT(google-runtime-int)
  X509_set_pubkey(x, key);
  X509_NAME* subject = X509_get_subject_name(x);
  const std::string common_name = name.substr(0, 64);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(x, issuer == nullptr ? subject : X509_get_subject_name(issuer));
  const bool authority = issuer == nullptr;
  X509* signer = authority ? x : issuer;
  RETURN_IF_ERROR(
      AddExtension(x, signer, NID_basic_constraints, authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE"));
  RETURN_IF_ERROR(
      AddExtension(x, signer, NID_key_usage, authority ? "critical,keyCertSign" : "critical,digitalSignature"));
  RETURN_IF_ERROR(AddExtension(x, signer, NID_subject_key_identifier, "hash"));
  if (!authority) RETURN_IF_ERROR(AddExtension(x, signer, NID_ext_key_usage, "serverAuth,clientAuth"));
  if (X509_sign(x, issuer_key, EVP_sha256()) == 0) return Failed("sign a certificate");
  return certificate;
}

}  // namespace

Result<CertificateAuthority> CertificateAuthority::Make(const std::string& cluster_name, std::chrono::hours valid_for) {
  const Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("make a key");
  ASSIGN_OR_RETURN(const Certificate certificate,
                   Sign("swath cluster " + cluster_name, key.get(), nullptr, key.get(), valid_for));
  CertificateAuthority authority;
  ASSIGN_OR_RETURN(authority.certificate_pem_, ToPem(certificate.get()));
  ASSIGN_OR_RETURN(authority.key_pem_, ToPem(key.get()));
  ASSIGN_OR_RETURN(authority.fingerprint_, FingerprintOf(certificate.get()));
  return authority;
}

Result<TlsIdentity> CertificateAuthority::Issue(const std::string& name, std::chrono::hours valid_for) const {
  ASSIGN_OR_RETURN(const auto own, CertificatesOf(certificate_pem_));
  ASSIGN_OR_RETURN(const Key own_key, KeyOf(key_pem_));
  const Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("make a key");
  ASSIGN_OR_RETURN(const Certificate certificate, Sign(name, key.get(), own.front().get(), own_key.get(), valid_for));
  TlsIdentity identity;
  ASSIGN_OR_RETURN(identity.chain_pem, ToPem(certificate.get()));
  identity.chain_pem += certificate_pem_;
  ASSIGN_OR_RETURN(identity.key_pem, ToPem(key.get()));
  identity.fingerprint = fingerprint_;
  return identity;
}

Status CertificateAuthority::WriteFile(const std::string& path) const {
  return WritePrivateFile(path, certificate_pem_ + key_pem_);
}

Result<CertificateAuthority> CertificateAuthority::ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(const TlsIdentity both, TlsIdentity::ReadFile(path));  // the same layout: certificate, key
  CertificateAuthority authority;
  authority.certificate_pem_ = both.chain_pem;
  authority.key_pem_ = both.key_pem;
  authority.fingerprint_ = both.fingerprint;
  return authority;
}

Status TlsIdentity::WriteFile(const std::string& path) const { return WritePrivateFile(path, chain_pem + key_pem); }

Result<TlsIdentity> TlsIdentity::ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadPrivateFile(path));
  const size_t key = text.find("-----BEGIN PRIVATE KEY-----");
  if (key == std::string::npos) return Status::Invalid(path, ": no private key in the PEM text");
  auto identity = FromPem(text.substr(0, key), text.substr(key));
  if (!identity.ok()) return identity.status().WithMessage(path, ": ", identity.status().message());
  return identity;
}

Result<TlsIdentity> TlsIdentity::FromPem(std::string chain_pem, std::string key_pem) {
  ASSIGN_OR_RETURN(const auto chain, CertificatesOf(chain_pem));
  ASSIGN_OR_RETURN(const Key key, KeyOf(key_pem));
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return Status::Invalid("the private key does not belong to the certificate");
  }
  TlsIdentity identity;
  ASSIGN_OR_RETURN(identity.fingerprint, FingerprintOf(chain.back().get()));
  identity.chain_pem = std::move(chain_pem);
  identity.key_pem = std::move(key_pem);
  return identity;
}

}  // namespace swath::net
