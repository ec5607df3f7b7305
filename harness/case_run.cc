#include "harness/case_run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/error.h"
#include "harness/programs/program.h"
#include "harness/ring_state.h"

namespace ringspec {
namespace {

CaseRun* current = nullptr;

std::string ListOf(const std::map<std::string, int>& counts) {
  JsonObject object;
  for (const auto& [name, count] : counts) object.Number(name, count);
  return object.Finish();
}

std::string NamesOf(const std::map<std::string, std::string>& violations) {
  std::string array;
  for (const auto& [name, message] : violations) {
    array += (array.empty() ? "" : ",") + JsonQuote(name);
  }
  return "[" + array + "]";
}

}  // namespace

CaseRun::CaseRun(Report& report) : recorder_(report), report_(report) { current = this; }

CaseRun::~CaseRun() {
  rings_.clear();
  for (const int fd : descriptors_) close(fd);
  current = nullptr;
}

CaseRun* CaseRun::CurrentOrNull() { return current; }
CaseRun& CaseRun::Current() {
  Recorder::Current();  // Aborts with an explanation outside of a case.
  return *current;
}

void CaseRun::Keep(std::shared_ptr<RingState> ring) { rings_.push_back(std::move(ring)); }
void CaseRun::CloseLater(int fd) { descriptors_.push_back(fd); }

void CaseRun::LookForLateCompletions() {
  for (const auto& ring : rings_) {
    if (!ring->is_open()) continue;
    for (const Completion& late : ring->ReapUntilQuiet()) {
      ADD_FAILURE() << "a completion that the case does not expect: "
                    << testing::PrintToString(late);
    }
  }
}

void CaseRun::Run(const std::function<void()>& body) {
  try {
    body();
    LookForLateCompletions();
  } catch (const SetupRefused& refused) {
    status_ = Report::Status::kRefused;
    trouble_ = refused.what();
  } catch (const SetupError& error) {
    status_ = Report::Status::kError;
    trouble_ = error.what();
  } catch (const ProgramError& error) {
    status_ = Report::Status::kError;
    trouble_ = error.what();
  } catch (const std::exception& exception) {
    ADD_FAILURE() << exception.what();
  }
  for (const auto& ring : rings_) ring->Close();
}

void CaseRun::Finish(const std::string& failures) {
  std::string message = trouble_;
  for (const auto& [name, text] : recorder_.violations())
    message.append(name).append(": ").append(text).append("\n");
  message += failures;
  report_.Finish(status_, JsonObject()
                              .Flag("holds", failures.empty() && trouble_.empty())
                              .Text("outcome", trouble_.empty() ? recorder_.Outcome() : trouble_)
                              .Text("message", message)
                              .Json("drawn", ListOf(recorder_.drawn()))
                              .Json("violations", NamesOf(recorder_.violations())));
}

}  // namespace ringspec
