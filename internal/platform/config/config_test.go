package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:9000\nlog-format: json\nsession-idle: 30m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Default()
	env := map[string]string{"TONGBAN_LISTEN": "127.0.0.1:9100", "TONGBAN_BASE_URL": "https://tongban.example/"}
	if err := c.Load(file, func(k string) string { return env[k] }); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:9100" || c.LogFormat != "json" || c.SessionIdle != 30*time.Minute || c.LogLevel != "info" {
		t.Errorf("%+v", c)
	}
	if c.BaseURL != "https://tongban.example" || !c.SecureCookies {
		t.Errorf("base %q secure %v", c.BaseURL, c.SecureCookies)
	}
}

func TestEveryMistakeIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	c := Default()
	c.Data, c.Listen, c.Database, c.LogLevel, c.SMTP, c.MaxUploadMB = "", "8080", "mysql://x", "loud", "mail", 0
	err := c.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"data:", "listen:", "database:", "log-level:", "smtp:", "max-upload-mb:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}

func TestUnknownKeyIsAnError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("lisen: 127.0.0.1:9000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Default()
	if err := c.Load(file, func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "lisen") {
		t.Errorf("err = %v", err)
	}
}
