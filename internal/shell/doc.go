// Package shell is what belongs to no module: the navigation around every
// page, the home pages of the portal and of the workbench, and small pages such
// as halls, messages, help and the display settings.
//
// It stands above the modules and reads from their services; it owns no table
// and changes nothing but the read marks of messages and the language of an
// account.
//
// # The frame of a page
//
// Chrome fills what the layouts show. Its counts cost queries, so they are made
// for pages that people look at, not for images, fragments and commands, and
// are kept a few seconds for each account; a command of the account drops them.
// The switches for dark, elder and large text are cookies, so that they hold
// for visitors too and never flicker.
package shell
