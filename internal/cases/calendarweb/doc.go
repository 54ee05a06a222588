// Package calendarweb is the page of the working calendar, for system
// administrators: the days of a year, what regions decided, and the notice of a
// year that the program does not know.
package calendarweb
