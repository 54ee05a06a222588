package feedbackweb

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

type ratePage struct {
	Form       *form.Form
	Action     string
	Invitation feedback.Invitation
}

// rate shows the form on GET and takes the rating on POST. A link that cannot
// be used says why.
func (p *Pages) rate(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	i, err := p.Service.Invitation(r.Context(), token)
	if err != nil {
		return p.closed(w, r, err)
	}
	page := ratePage{Form: form.New(), Action: "/rate/" + token, Invitation: i}
	if r.Method == http.MethodPost {
		if page.Form, err = form.Parse(r); err != nil {
			return err
		}
		in := readRating(page.Form)
		if page.Form.OK() {
			if err = p.Service.Rate(r.Context(), token, in); err == nil {
				return httpx.SeeOther(w, r, page.Action+"/thanks")
			}
			if errors.Is(err, feedback.ErrUsed) || errors.Is(err, feedback.ErrExpired) {
				return p.closed(w, r, err)
			}
			if !page.Form.Reject(err) {
				return err
			}
		}
	}
	return view.Render(w, r, page.Form.Status(), ratingForm(page))
}

func readRating(f *form.Form) feedback.RateInput {
	in := feedback.RateInput{Score: int(f.Int("score", 1, 5, true)), Text: f.Text("text", form.Max(feedback.MaxText)), Anonymous: f.Bool("anonymous")}
	for name, offered := range map[string][]string{"good": feedback.Praise, "bad": feedback.Complaints} {
		for _, v := range f.All(name) {
			if !slices.Contains(offered, v) {
				f.Complain(name, "form.choice", nil)
			}
			in.Reasons = append(in.Reasons, v)
		}
	}
	slices.Sort(in.Reasons)
	return in
}

// reasonInput is one of the two groups of boxes.
func reasonInput(ctx context.Context, name string, codes []string) view.In {
	in := view.In{Name: name, Label: i18n.T(ctx, "feedback.rate."+name), Optional: true}
	for _, c := range codes {
		in.Options = append(in.Options, view.Opt{Value: c, Label: i18n.T(ctx, "feedback.reason."+c)})
	}
	return in
}

type closedPage struct{ Why string } // unknown, expired, used

// closed says why a link cannot be used (any more).
func (p *Pages) closed(w http.ResponseWriter, r *http.Request, err error) error {
	switch {
	case errors.Is(err, feedback.ErrUsed) && r.Method == http.MethodPost:
		return view.Render(w, r, http.StatusConflict, rateClosed(closedPage{"used"}))
	case errors.Is(err, feedback.ErrUsed):
		return view.Render(w, r, http.StatusOK, rateClosed(closedPage{"used"}))
	case errors.Is(err, feedback.ErrExpired):
		return view.Render(w, r, http.StatusGone, rateClosed(closedPage{"expired"}))
	case errors.Is(err, feedback.ErrNotFound):
		return view.Render(w, r, http.StatusNotFound, rateClosed(closedPage{"unknown"}))
	default:
		return err
	}
}

type thanksPage struct {
	feedback.Thanks
	Phone string // of the department, for those who are not content
}

// thanks is where a rating ends.
func (p *Pages) thanks(w http.ResponseWriter, r *http.Request) error {
	t, err := p.Service.Thanks(r.Context(), r.PathValue("token"))
	if errors.Is(err, feedback.ErrNotFound) {
		return httpx.SeeOther(w, r, "/rate/"+r.PathValue("token"))
	}
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, rateThanks(thanksPage{t, p.Identity.Directory().Department(t.DepartmentID).ComplaintPhone}))
}
