// The one header that a case includes.
#pragma once

#include "harness/buffers.h"
#include "harness/case.h"
#include "harness/completion.h"
#include "harness/descriptor.h"
#include "harness/error.h"
#include "harness/ops.h"
#include "harness/ops_wait.h"
#include "harness/race.h"
#include "harness/recorder.h"
#include "harness/ring.h"
#include "harness/stuck_page.h"
#include "harness/tcp.h"
#include "harness/wait.h"
#include "harness/waitable.h"
#include "harness/workers.h"

namespace ringspec {

// The words of a case's last line.
using testing::_;                          // NOLINT(misc-unused-using-decls)
using testing::AllOf;                      // NOLINT(misc-unused-using-decls)
using testing::AnyOf;                      // NOLINT(misc-unused-using-decls)
using testing::Contains;                   // NOLINT(misc-unused-using-decls)
using testing::Each;                       // NOLINT(misc-unused-using-decls)
using testing::ElementsAre;                // NOLINT(misc-unused-using-decls)
using testing::Gt;                         // NOLINT(misc-unused-using-decls)
using testing::IsEmpty;                    // NOLINT(misc-unused-using-decls)
using testing::Lt;                         // NOLINT(misc-unused-using-decls)
using testing::Not;                        // NOLINT(misc-unused-using-decls)
using testing::SizeIs;                     // NOLINT(misc-unused-using-decls)
using testing::UnorderedElementsAre;       // NOLINT(misc-unused-using-decls)
using testing::UnorderedElementsAreArray;  // NOLINT(misc-unused-using-decls)

}  // namespace ringspec
