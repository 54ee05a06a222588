// Package workday counts time the way the law counts it for cases (办件):
// working days (工作日), natural days, months, hours and minutes, with official
// holidays, make-up working days (补班), pauses (中止) and extensions (延长).
// It does no I/O, knows no case and holds no clock: every instant is passed in.
//
// # Calendar
//
// [Official] knows the State Council notices of 2007-2026 (holidays.txt). A year
// becomes known with its notice ([Calendar.WithNotices]); before that its days
// are [Calendar.Provisional]: weekends and the fixed legal days off are free, the
// lunar ones are missing. A city's own decisions are overrides
// ([Calendar.With]). Opening the hall on a Saturday (延时服务) is not one: it does
// not make the day a working day. Calendars never change; each of these calls
// returns a new one, and stored deadlines must then be computed again.
//
// Days are those of [Zone], UTC+8 without daylight saving.
//
// # Limits
//
//   - The day of acceptance is not counted (民法典 201).
//   - A limit in days, working days or months ends at 24:00 of its last day,
//     stored as the first instant that is too late ([EndOf]).
//   - A limit in natural days or months whose last day is not a working day ends
//     with the next working day (民法典 203).
//   - A month ends on the same day of the month, or on its last day if there is
//     no such day (民法典 202).
//   - Hours and minutes run from the instant itself, at night and on holidays
//     too.
//   - Administrative licensing counts working days only (行政许可法 82); which
//     unit applies is the item's business.
//
// # Pauses
//
// Time that the law does not count (行政许可法 45: hearings, inspections, expert
// review and the like) is a list of pauses. A pause takes away the days after
// the day it begins, up to and including the day it ends:
//
//	accept 2026-03-02, 10 working days, paused 03-05 until 03-16
//	counted 03-03 03-04 03-05 | 03-17 18 19 20 23 24 25  -> due 03-25
//
// The day it begins counts, since work was done on it; the day it ends does not,
// as the first day of a period never does. From this follow:
//
//   - A pause within one day takes nothing.
//   - An instant at 00:00 is 24:00 of the day before, so a pause that begins or
//     ends with [EndOf] of a day touches that day and no later one.
//   - Overlapping pauses are merged, so no day is taken twice.
//   - What lies before acceptance or after the due time has no effect.
//   - A limit does not run out during a pause: if a pause that lasts beyond
//     midnight begins on what would be the last day, it takes that day too, and
//     the limit ends with the first day that counts after the pause.
//   - An open pause is computed as if it ended now; the due time therefore moves
//     on every day until it is closed.
//   - Limits in hours and minutes stop for exactly the time of the pause.
//
// # Extensions
//
// Extensions are counted on from where the limit before them ends, before the
// move to a working day: 20 and 10 working days are 30. Neighbours of one unit
// are added up first.
//
// # Lights
//
// [Thresholds] gives three instants which a table can store and a query can
// compare with now; [LightOf] is the same comparison. The colours are those of
// electronic supervision (电子监察): 0 normal, 1 warning, 2 yellow card, 5 red
// card. The numbers are our defaults, there are no national ones.
package workday
