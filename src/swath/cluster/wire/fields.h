// One list of fields for both directions: a function `Fields(io, record)` names them in order, and io either writes or
// reads them, so that what is encoded and what is decoded cannot drift apart. Types whose two directions differ have
// WriteFields(io, record) and ReadFields(io, record) instead. All of them in namespace swath::cluster.
//
//   template <typename Io, typename T> requires OneOf<T, Source> void Fields(Io& io, T& s) { io(s.holder);
//   io(s.nbytes); }
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "arrow/type_fwd.h"

#include "swath/cluster/wire/pack.h"

namespace swath::cluster {

// T is Record or const Record.
template <typename T, typename Record>
concept OneOf = std::same_as<std::remove_const_t<T>, Record>;

// The last enumerator of an enum that goes over the wire; each is declared next to its codec.
template <typename E>
inline constexpr E kLastOf = E{};

class FieldWriter {
 public:
  static constexpr bool kReads = false;
  // `buffers`: raw data that goes beside the message; null where there is none.
  explicit FieldWriter(Writer* writer, std::vector<std::shared_ptr<arrow::Buffer>>* buffers = nullptr)
      : writer_(writer), buffers_(buffers) {}
  Writer& writer() { return *writer_; }
  void Fail(const Status& why) {  // it has no encoding; the first reason stays
    if (status_.ok()) status_ = why;
  }
  const Status& status() const { return status_; }
  // A buffer by its number; null is -1.
  void operator()(const std::shared_ptr<arrow::Buffer>& buffer) {
    writer_->Int(buffer == nullptr ? -1 : static_cast<int64_t>(buffers_->size()));
    if (buffer != nullptr) buffers_->push_back(buffer);
  }

  void Bytes(const std::vector<std::string>& list) {  // not text: any bytes
    writer_->Array(list.size());
    for (const std::string& bytes : list) writer_->Bytes(bytes);
  }
  void operator()(bool value) { writer_->Bool(value); }
  void operator()(double value) { writer_->Float(value); }
  void operator()(const std::string& text) { writer_->Text(text); }
  template <std::integral T>
  void operator()(T number) {
    writer_->Int(static_cast<int64_t>(number));
  }
  template <typename T>
  requires std::is_enum_v<T>
  void operator()(T value) { writer_->Int(static_cast<int64_t>(value)); }
  void operator()(const std::vector<int64_t>& numbers) { writer_->Ints(numbers); }
  template <typename T>
  void operator()(const std::vector<T>& list) {
    writer_->Array(list.size());
    for (size_t i = 0; i < list.size(); ++i) (*this)(static_cast<const T&>(list[i]));
  }
  template <typename T, size_t n>
  void operator()(const std::array<T, n>& list) {
    for (const T& element : list) (*this)(element);
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    writer_->Bool(value.has_value());
    if (value) (*this)(*value);
  }
  void operator()(const std::vector<bool>& list) {
    writer_->Array(list.size());
    for (const bool element : list) writer_->Bool(element);
  }
  template <typename T>
  requires std::is_class_v<T>
  void operator()(const T& record) {
    if constexpr (requires { WriteFields(*this, record); }) {
      WriteFields(*this, record);
    } else {
      Fields(*this, record);
    }
  }

 private:
  Writer* writer_;
  std::vector<std::shared_ptr<arrow::Buffer>>* buffers_;
  Status status_;
};

class FieldReader {
 public:
  static constexpr bool kReads = true;
  explicit FieldReader(Reader* reader, std::span<const std::shared_ptr<arrow::Buffer>> buffers = {})
      : reader_(reader), buffers_(buffers) {}
  Reader& reader() { return *reader_; }
  std::span<const std::shared_ptr<arrow::Buffer>> buffers() const { return buffers_; }
  void Fail(std::string_view why) { reader_->Fail(why); }
  void Fail(const Status& why) {
    if (!why.ok()) reader_->Fail(why.message());
  }
  bool ok() const { return reader_->ok(); }
  void operator()(std::shared_ptr<arrow::Buffer>& buffer) {
    const int64_t number = reader_->Int(-1, static_cast<int64_t>(buffers_.size()) - 1);
    buffer = number < 0 || !ok() ? nullptr : buffers_[static_cast<size_t>(number)];
  }

  void Bytes(std::vector<std::string>& list) {
    const size_t count = reader_->Array();
    list.clear();
    for (size_t i = 0; i < count; ++i) list.emplace_back(reader_->Bytes());
  }
  void operator()(bool& value) { value = reader_->Bool(); }
  void operator()(double& value) { value = reader_->Float(); }
  void operator()(std::string& text) { text = reader_->Text(); }
  template <std::integral T>
  void operator()(T& number) {
    if constexpr (sizeof(T) == 8) {
      number = static_cast<T>(reader_->Int());  // uint64 by its bits
    } else {
      number = static_cast<T>(reader_->Int(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    }
  }
  template <typename T>
  requires std::is_enum_v<T>
  void operator()(T& value) {
    static_assert(kLastOf<T> != T{}, "declare kLastOf of this enum");
    value = static_cast<T>(reader_->Int(0, static_cast<int64_t>(kLastOf<T>)));
  }
  void operator()(std::vector<int64_t>& numbers) { numbers = reader_->Ints(); }
  template <typename T>
  void operator()(std::vector<T>& list) {
    const size_t count = reader_->Array();
    list.clear();
    for (size_t i = 0; i < count && reader_->ok(); ++i) {
      T element{};
      (*this)(element);
      list.push_back(std::move(element));
    }
  }
  template <typename T, size_t n>
  void operator()(std::array<T, n>& list) {
    for (T& element : list) (*this)(element);
  }
  template <typename T>
  void operator()(std::optional<T>& value) {
    value.reset();
    if (!reader_->Bool()) return;
    T element{};
    (*this)(element);
    value = std::move(element);
  }
  void operator()(std::vector<bool>& list) {
    const size_t count = reader_->Array();
    list.clear();
    for (size_t i = 0; i < count; ++i) list.push_back(reader_->Bool());
  }
  template <typename T>
  requires std::is_class_v<T>
  void operator()(T& record) {
    if constexpr (requires { ReadFields(*this, record); }) {
      ReadFields(*this, record);
    } else {
      Fields(*this, record);
    }
  }

 private:
  Reader* reader_;
  std::span<const std::shared_ptr<arrow::Buffer>> buffers_;
};

// A variant as its alternative's number and that alternative.
template <typename... Ts>
void WriteVariant(FieldWriter& io, const std::variant<Ts...>& value) {
  io.writer().Int(static_cast<int64_t>(value.index()));
  std::visit([&](const auto& alternative) { io(alternative); }, value);
}
template <typename Variant, size_t index = 0>
void ReadAlternative(FieldReader& io, size_t wanted, Variant& value) {
  if constexpr (index < std::variant_size_v<Variant>) {
    if (wanted != index) return ReadAlternative<Variant, index + 1>(io, wanted, value);
    std::variant_alternative_t<index, Variant> alternative{};
    io(alternative);
    value = std::move(alternative);
  }
}
template <typename... Ts>
void ReadVariant(FieldReader& io, std::variant<Ts...>& value) {
  const auto wanted = static_cast<size_t>(io.reader().Int(0, static_cast<int64_t>(sizeof...(Ts)) - 1));
  if (io.reader().ok()) ReadAlternative(io, wanted, value);
}

}  // namespace swath::cluster
