#include "harness/ring.h"

#include "harness/case_run.h"
#include "harness/error.h"
#include "harness/ring_state.h"

namespace ringspec {

Ring::Ring(const RingOptions& options) : state_(std::make_shared<RingState>(options)) {
  CaseRun::Current().Keep(state_);
}

void Ring::SubmitBatch(std::vector<Request> batch) { state_->Submit(std::move(batch)); }
int Ring::TrySubmit(std::vector<Request> batch) { return state_->TrySubmit(std::move(batch)); }
unsigned Ring::Publish(std::vector<Request> batch) { return state_->Publish(std::move(batch)); }
std::vector<Completion> Ring::Reap(int count) { return state_->Reap(count); }
std::vector<Completion> Ring::ReapUntilQuiet() { return state_->ReapUntilQuiet(); }
std::vector<Completion> Ring::ReapFor(Duration window) { return state_->ReapFor(window); }
std::vector<Completion> Ring::ArrivedAtReturn() { return state_->ArrivedAtReturn(); }
void Ring::GetEvents() { state_->GetEvents(); }
void Ring::MayBecome(const Tag& tag, const Tag& updated) { state_->MayBecome(tag, updated); }
void Ring::Expect(const Tag& message) { state_->Expect(message); }
void Ring::Close() { state_->Close(); }

int Ring::Register(unsigned opcode, const void* arg, unsigned nr_args) {
  return state_->Register(opcode, arg, nr_args);
}

int Ring::Enter(unsigned submit, unsigned min_complete, unsigned flags, const void* arg,
                std::size_t size) {
  return state_->Enter(submit, min_complete, flags, arg, size);
}

void Ring::RegisterFiles(const std::vector<int>& files) {
  const int result = Register(IORING_REGISTER_FILES, files.data(), files.size());
  if (result < 0) throw SetupError("IORING_REGISTER_FILES", -result);
}

int Ring::fd() const { return raw()->ring_fd; }
unsigned Ring::features() const { return raw()->features; }
io_uring* Ring::raw() const { return state_->raw(); }

}  // namespace ringspec
