// Package calendar keeps what a region decided about single days (a day off for
// a snowstorm, a Saturday made up for it), and the holiday notices of years that
// the program does not bring along.
//
// # The rule
//
// A limit is counted in the calendar of the region that decides, as it stood when
// the limit began or as it stands now, whichever is kinder: a day off counts for
// everybody, also for what was accepted before it was decided; a day made up, or a
// day off taken back, counts only for what is accepted afterwards. So a due day
// that somebody was told is never moved nearer by a calendar, and nothing needs to
// be stored for it: the history of a day says all.
//
// A notice is not a local decision: before it the year is provisional, and everybody
// is told so; it counts for all.
//
// Owns the tables cases_calendar_*. Publishes Changed, upon which the engine
// counts live cases anew.
package calendar
