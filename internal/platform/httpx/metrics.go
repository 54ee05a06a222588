package httpx

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	took *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tongban_http_request_seconds", Help: "Time to answer a request, by route and status class.",
		Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"route", "method", "status"})}
	if reg == nil {
		return m
	}
	if err := reg.Register(m.took); err != nil {
		// The pages and the API are two edges with one figure.
		known, ok := errors.AsType[prometheus.AlreadyRegisteredError](err)
		if !ok {
			panic("httpx: " + err.Error())
		}
		m.took = known.ExistingCollector.(*prometheus.HistogramVec)
	}
	return m
}

// measure is the one place besides the clock package that reads a monotonic
// clock: durations for the metrics are not times of the business.
func (m *metrics) measure(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		start := time.Now()
		next.ServeHTTP(rec, r)
		m.took.WithLabelValues(route, r.Method, strconv.Itoa(rec.status/100)+"xx").Observe(time.Since(start).Seconds())
	})
}
