#include "harness/failures.h"

#include <gtest/gtest.h>

namespace ringspec {

class Failures::Listener : public testing::EmptyTestEventListener {
 public:
  const std::string& text() const { return text_; }

  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (!part.failed()) return;
    if (part.file_name() != nullptr) {
      const std::string file = part.file_name();
      text_ +=
          file.substr(file.find_last_of('/') + 1) + ":" + std::to_string(part.line_number()) + ": ";
    }
    text_ += std::string(part.message()) + "\n";
  }

 private:
  std::string text_;
};

Failures::Failures() : listener_(new Listener) {
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(listener_);
}

Failures::~Failures() { delete testing::UnitTest::GetInstance()->listeners().Release(listener_); }

const std::string& Failures::text() const { return listener_->text(); }

}  // namespace ringspec
