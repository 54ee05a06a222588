package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// Timeout of one question.
	Timeout   = 3 * time.Second
	maxAnswer = 1 << 20
)

// HTTP asks a service over HTTP; doc.go says what it has to answer.
type HTTP struct {
	base   string
	token  string
	client *http.Client
}

// NewHTTP makes the client of a service at an http or https address.
func NewHTTP(base, token string) (*HTTP, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("register: want an http or https address without a query")
	}
	return &HTTP{base: strings.TrimSuffix(base, "/"), token: token, client: &http.Client{
		Timeout:       Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the token is for one host
	}}, nil
}

// Look asks the service.
func (h *HTTP) Look(ctx context.Context, uscc string) (Record, error) {
	r, err := h.look(ctx, uscc)
	if err != nil && !errors.Is(err, ErrUnknown) {
		err = fmt.Errorf("%w: %w", ErrDown, err)
	}
	return r, err
}

func (h *HTTP) look(ctx context.Context, uscc string) (out Record, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.base+"/"+url.PathEscape(uscc), nil)
	if err != nil {
		return out, err
	}
	req.Header.Set("Accept", "application/json")
	if h.token != "" {
		req.Header.Set("Authorization", "Bearer "+h.token)
	}
	res, err := h.client.Do(req)
	if err != nil {
		return out, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return out, err
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != "application/json" {
		return out, fmt.Errorf("status %d, content %q", res.StatusCode, kind)
	}
	switch res.StatusCode {
	case http.StatusOK:
		if err := json.Unmarshal(body, &out); err != nil {
			return Record{}, err
		}
		if out.USCC != uscc {
			return Record{}, errors.New("the answer is about another firm")
		}
		if _, err := time.Parse(time.DateOnly, out.AsOf); err != nil {
			return Record{}, errors.New("the answer has no date")
		}
		if out.Name() == "" {
			return Record{}, errors.New("the answer has no name")
		}
		return out, nil
	case http.StatusNotFound:
		var said struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(body, &said) == nil && said.Error == "unknown" {
			return out, ErrUnknown
		}
	}
	return out, fmt.Errorf("status %d", res.StatusCode)
}
