package intake

// Progress of a run, in rows.
type Progress struct{ Done, Total int }
