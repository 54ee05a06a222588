package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Department that handles an item.
type Department struct {
	ID    string    `json:"id"`
	Name  i18n.Text `json:"name"`
	Phone string    `json:"phone,omitempty"`
}

// ItemSummary is an item in a list.
type ItemSummary struct {
	Code       string        `json:"code"`
	Version    int           `json:"version"`
	Name       i18n.Text     `json:"name"`
	Summary    i18n.Text     `json:"summary"`
	Shelf      string        `json:"shelf"`
	Department Department    `json:"department"`
	Audience   []string      `json:"audience"`
	CaseType   string        `json:"case_type"`
	Channels   []string      `json:"channels"`
	Orderable  bool          `json:"orderable"` // false for a guide only: handled elsewhere, see guide_url
	GuideURL   string        `json:"guide_url,omitempty"`
	Promised   workday.Limit `json:"promised,omitzero"`
	Statutory  workday.Limit `json:"statutory,omitzero"`
}

// Item is a whole guide: what is needed, what is asked, who handles it.
type Item struct {
	ItemSummary
	ItemMore
	BaseCode    string               `json:"base_code,omitempty"`
	Family      string               `json:"family"`
	Trips       int                  `json:"trips"`
	TripsReason i18n.Text            `json:"trips_reason,omitzero"`
	Fee         catalogue.Fee        `json:"fee"`
	Result      catalogue.Result     `json:"result"`
	Conditions  []ItemCondition      `json:"conditions"`
	LegalBasis  []i18n.Text          `json:"legal_basis"`
	Materials   []catalogue.Material `json:"materials"`
	Form        []catalogue.Section  `json:"form"`
	Stages      []ItemStage          `json:"stages"`
	Steps       []ItemStepGroup      `json:"steps,omitempty"`
	FAQ         []catalogue.FAQ      `json:"faq"`
}

// ItemCondition is a condition that an applicant must meet; with when, only in
// the situation that the expression over the answers describes.
type ItemCondition struct {
	Text i18n.Text `json:"text"`
	When string    `json:"when,omitempty"`
}

// ItemStage is one stage of handling after acceptance.
type ItemStage struct {
	Name  i18n.Text  `json:"name"`
	Tasks []ItemTask `json:"tasks"`
}

// ItemTask is one department's part in a stage.
type ItemTask struct {
	Name       i18n.Text     `json:"name"`
	Department Department    `json:"department"`
	Limit      workday.Limit `json:"limit,omitzero"`
}

// ItemStepGroup is a part of a bundle whose steps run side by side; the groups
// follow one another.
type ItemStepGroup struct {
	Name  i18n.Text  `json:"name"`
	Items []ItemStep `json:"items"`
}

// ItemStep is one item of a bundle; with when, only in the situation that the
// expression over the answers describes.
type ItemStep struct {
	Code       string        `json:"code"`
	Name       i18n.Text     `json:"name"`
	Department Department    `json:"department"`
	Promised   workday.Limit `json:"promised,omitzero"`
	When       string        `json:"when,omitempty"`
}

// Paging is what every list takes.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	After string `query:"after" maxLength:"100"`
}

type listItemsInput struct {
	Query      string    `query:"q" maxLength:"200"`
	Shelf      string    `query:"shelf" maxLength:"60"`
	Department string    `query:"department" maxLength:"60"`
	Theme      string    `query:"theme" maxLength:"60"`
	Audience   string    `query:"audience" enum:"enterprise,person"`
	Since      time.Time `query:"updated_since"`
	Paging
}

// ItemList is one page of items.
type ItemList struct {
	Items []ItemSummary `json:"items"`
	Total int           `json:"total"`
	Next  string        `json:"next,omitempty"`
}

type listItemsOutput struct{ Body ItemList }

type getItemInput struct {
	Code string `path:"code" maxLength:"60"`
}

type getItemOutput struct{ Body Item }

func (s *server) items() {
	add(s, auth.ScopeItems, huma.Operation{OperationID: "list-items", Method: http.MethodGet, Path: "/items", Tags: []string{"items"}}, s.listItems)
	s.itemChanges()
	add(s, auth.ScopeItems, huma.Operation{
		OperationID: "get-item", Method: http.MethodGet, Path: "/items/{code}", Tags: []string{"items"},
		Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.getItem)
}

func (s *server) listItems(_ context.Context, in *listItemsInput) (*listItemsOutput, error) {
	f := catalogue.Filter{Shelf: in.Shelf, Department: in.Department, Theme: in.Theme, Audience: catalogue.Audience(in.Audience), Since: in.Since}
	var list []*catalogue.Item
	if in.Query != "" {
		for _, h := range s.Catalogue.Search(in.Query, 1000, f) {
			list = append(list, h.Item)
		}
	} else {
		list = s.Catalogue.List(f).Items
	}
	out := &listItemsOutput{Body: ItemList{Items: []ItemSummary{}, Total: len(list)}}
	if in.After != "" {
		i := slices.IndexFunc(list, func(it *catalogue.Item) bool { return it.Code == in.After })
		if i < 0 {
			return nil, ErrInvalid.At("query.after", errFormat.Code)
		}
		list = list[i+1:]
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		out.Body.Next = list[in.Limit-1].Code
	}
	for _, it := range list {
		out.Body.Items = append(out.Body.Items, s.summary(it))
	}
	return out, nil
}

func (s *server) getItem(ctx context.Context, in *getItemInput) (*getItemOutput, error) {
	it, err := s.Catalogue.Item(in.Code)
	if err != nil {
		return nil, err
	}
	more, err := s.more(ctx, it)
	if err != nil {
		return nil, err
	}
	out := Item{
		ItemSummary: s.summary(it), ItemMore: more, BaseCode: it.BaseCode, Family: string(it.Family), Trips: it.Trips, TripsReason: it.TripsReason, Fee: it.Fee, Result: it.Result,
		Conditions: []ItemCondition{}, LegalBasis: list(it.LegalBasis), Materials: list(it.Materials), Form: list(it.Form.Sections), FAQ: list(it.FAQ), Stages: []ItemStage{},
	}
	for _, c := range it.Conditions {
		out.Conditions = append(out.Conditions, ItemCondition{c.Text, c.When})
	}
	for _, st := range it.Flow.Stages {
		stage := ItemStage{Name: st.Name, Tasks: []ItemTask{}}
		for _, t := range st.Tasks {
			stage.Tasks = append(stage.Tasks, ItemTask{Name: t.Name, Department: s.department(t.Department), Limit: t.Limit})
		}
		out.Stages = append(out.Stages, stage)
	}
	if it.Bundle != nil {
		if out.Steps, err = s.stepsOf(ctx, it); err != nil {
			return nil, err
		}
	}
	return &getItemOutput{out}, nil
}

// stepsOf are the groups of a bundle with the items in the versions that it is
// made of.
func (s *server) stepsOf(ctx context.Context, it *catalogue.Item) ([]ItemStepGroup, error) {
	var out []ItemStepGroup
	for _, g := range it.Bundle.Groups {
		group := ItemStepGroup{Name: g.Name, Items: []ItemStep{}}
		for _, step := range g.Items {
			one, err := s.Catalogue.Version(ctx, step.VersionID)
			if err != nil {
				return nil, err
			}
			group.Items = append(group.Items, ItemStep{Code: step.Item, Name: step.Name, Department: s.department(one.Department), Promised: one.Promised, When: step.When})
		}
		out = append(out, group)
	}
	return out, nil
}

func (s *server) summary(it *catalogue.Item) ItemSummary {
	dept := s.department(it.Department)
	if it.External() {
		dept = Department{Name: it.Agency.Name, Phone: it.Phones.Consult}
	}
	return ItemSummary{
		Code: it.Code, Version: it.Version, Name: it.Name, Summary: it.Summary, Shelf: it.Shelf, Department: dept, Orderable: it.Orderable(), GuideURL: it.GuideURL,
		Audience: texts(it.Audience), CaseType: string(it.CaseType), Channels: texts(it.Channels), Promised: it.Promised, Statutory: it.Statutory,
	}
}

func (s *server) department(id string) Department {
	d := s.Identity.Directory().Department(id)
	return Department{ID: d.ID, Name: d.Name, Phone: d.Phone}
}

// list is a list that is [] in JSON when it is empty.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

func texts[T ~string](v []T) []string {
	out := make([]string, len(v))
	for i := range v {
		out[i] = string(v[i])
	}
	return out
}
