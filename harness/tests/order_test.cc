#include "harness/guest/order.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

namespace ringspec {
namespace {

using State = OrderParser::State;

TEST(OrderParser, TakesACompleteOrder) {
  OrderParser parser;
  for (const char* line : {"order 1", "limit 1500", "seed 7", "trace all", "case 17 defer A.B"}) {
    EXPECT_EQ(parser.Take(line), State::kIncomplete) << line;
  }
  ASSERT_EQ(parser.Take("go 1"), State::kComplete);

  const Order order = parser.Finish();
  EXPECT_EQ(order.limit, 1500ms);
  EXPECT_EQ(order.seed, 7u);
  EXPECT_TRUE(order.trace_all);
  ASSERT_EQ(order.cases.size(), 1u);
  EXPECT_EQ(order.cases[0].id, 17);
  EXPECT_EQ(order.cases[0].setup, "defer");
  EXPECT_EQ(order.cases[0].name, "A.B");
}

TEST(OrderParser, TakesProgramsAmongCases) {
  OrderParser parser;
  parser.Take("case 1 defer A.B");
  EXPECT_EQ(parser.Take("program 2 coop a: nop link; b: nop; reap"), State::kIncomplete);
  ASSERT_EQ(parser.Take("go 2"), State::kComplete);

  const OrderedCase one = parser.Finish().cases.back();
  EXPECT_EQ(one.id, 2);
  EXPECT_EQ(one.setup, "coop");
  EXPECT_EQ(one.name, "");
  EXPECT_EQ(one.program, "a: nop link; b: nop; reap");
}

TEST(OrderParser, BeginsAnewWithTheNextOrder) {
  OrderParser parser;
  parser.Take("case 1 defer A.B");
  parser.Take("go 1");
  parser.Finish();

  EXPECT_EQ(parser.Take("go 0"), State::kComplete);
  EXPECT_TRUE(parser.Finish().cases.empty());
}

TEST(OrderParser, NoticesALineThatWasLostOnTheWay) {
  OrderParser parser;
  parser.Take("case 1 defer A.B");

  EXPECT_EQ(parser.Take("go 2"), State::kGarbled);
}

TEST(OrderParser, RefusesWhatIsNoOrder) {
  for (const char* line : {"",
                           "hello",
                           "limit",
                           "limit x",
                           "limit -1",
                           "limit 0",
                           "limit 9223372036854775807",
                           "seed 1x",
                           "trace maybe",
                           "control",
                           "control 1.5",
                           "control nan",
                           "case",
                           "case 1 defer",
                           "case one defer A.B",
                           "program",
                           "program 1",
                           "program 1 defer",
                           "program x defer a: nop",
                           "go"}) {
    EXPECT_EQ(OrderParser().Take(line), State::kGarbled) << line;
  }
}

TEST(OrderParser, KnowsWhenToStop) { EXPECT_EQ(OrderParser().Take("quit"), State::kQuit); }

class LineReaderTest : public testing::Test {
 protected:
  LineReaderTest() { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~LineReaderTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  void Write(std::string_view text) const {
    EXPECT_EQ(write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void End() {
    close(ends_[1]);
    ends_[1] = -1;
  }

  std::array<int, 2> ends_{};
};

TEST_F(LineReaderTest, ReadsLineByLine) {
  Write("one\ntwo\nrest");
  End();
  LineReader reader(ends_[0]);

  EXPECT_EQ(reader.Next(), "one");
  EXPECT_EQ(reader.Next(), "two");
  EXPECT_EQ(reader.Next(), std::nullopt);
}

TEST_F(LineReaderTest, GivesUpOnALineWithoutEnd) {
  Write(std::string(10'000, 'x'));
  LineReader reader(ends_[0]);

  EXPECT_EQ(reader.Next(), std::nullopt);
}

}  // namespace
}  // namespace ringspec
