package webtest

import _ "embed" // the accessibility checker, for the browser test

// AxeSource is axe-core (MPL-2.0), vendored for tests only; see tools/assets.
//
//go:embed vendor/axe.min.js
var AxeSource string
