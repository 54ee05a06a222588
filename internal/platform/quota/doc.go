// Package quota bounds what one account may take of the installation in a day
// (每日限额): files and their bytes, messages, drafts. It keeps a disk from being
// filled and a desk from being buried by one account, its scripts or whoever
// stole its session; nobody who works by hand should ever meet it.
//
// Spend counts in the transaction of ctx when there is one, so that what is
// rolled back took nothing; a day is one of the calendar in China and begins
// anew at midnight. Staff and programs hand in for many and get Limits.Staff
// times as much; the engine itself is not counted.
//
// What is refused is only the next one: what was typed and handed in stays.
// Owns the table quota_day.
package quota
