package intake

import "github.com/tongban/tongban/internal/platform/db"

// store is the SQL of the package.
type store struct{ db *db.DB }
