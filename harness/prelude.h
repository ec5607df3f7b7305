// What every file would include anyway: precompiled, because GoogleMock takes seconds to parse.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <liburing.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>
