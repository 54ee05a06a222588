// Package notifyweb holds the pages around notices: what each reader wants to
// be told how, the way out of mails that needs no sign-in, what administrators
// see of messages that left or could not, and the address to which a gateway
// reports.
package notifyweb
