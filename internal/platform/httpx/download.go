package httpx

import (
	"io"
	"mime"
	"net/http"
	"time"
)

// Attachment makes the answer a download with a media type and a file name, so
// that no browser shows it as a page of this site.
func Attachment(w http.ResponseWriter, mediaType, name string) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("X-Content-Type-Options", "nosniff")
}

// SendUpload sends what somebody uploaded, and closes it: always as a download,
// and in a sandbox should a browser show it all the same, since what people
// upload must not run here.
func SendUpload(w http.ResponseWriter, r *http.Request, mediaType, name string, at time.Time, content io.ReadSeekCloser) error {
	defer func() { _ = content.Close() }()
	Attachment(w, mediaType, name)
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", at, content)
	return nil
}
