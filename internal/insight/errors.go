package insight

import "github.com/tongban/tongban/internal/kernel/errs"

// ErrForbidden is for who neither leads nor heads; its text is error.insight.forbidden.
var ErrForbidden = errs.Define(errs.Forbidden, "insight.forbidden")
