package dossier

import "context"

// WorkSheet is what the job does with a sheet.
func (s *Service) WorkSheet(ctx context.Context, id string) error { return s.workSheet(ctx, id) }
