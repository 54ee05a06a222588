// Package config is the one set of settings: defaults, then the file, then the
// environment, then flags, checked as a whole before anything starts.
package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config holds every setting. The yaml name is also the flag, and with the
// prefix TONGBAN_ and underscores the environment variable:
// base-url, --base-url, TONGBAN_BASE_URL.
type Config struct {
	Data          string        `yaml:"data" help:"folder for the database, uploads and keys"`
	Database      string        `yaml:"database" help:"postgres://… ; empty: SQLite in the data folder"`
	Listen        string        `yaml:"listen" help:"address of the site"`
	MetricsListen string        `yaml:"metrics-listen" help:"address of /metrics, /healthz and /readyz; empty: off"`
	BaseURL       string        `yaml:"base-url" help:"public address used in links, mails and QR codes; empty: http://LISTEN"`
	BehindProxy   bool          `yaml:"behind-proxy" help:"take the client's address from X-Forwarded-For"`
	SecureCookies bool          `yaml:"secure-cookies" help:"send cookies over https only; on by itself when base-url is https"`
	Durable       bool          `yaml:"durable" help:"SQLite: sync the disk at every commit, so that nothing acknowledged is lost with the power"`
	LogFormat     string        `yaml:"log-format" help:"text or json"`
	LogLevel      string        `yaml:"log-level" help:"debug, info, warn or error"`
	SMTP          string        `yaml:"smtp" help:"mail server smtp://user:password@host:port; memory: keeps mails for administrators to look at; empty: no mail is sent"`
	MailFrom      string        `yaml:"mail-from" help:"sender of mails"`
	SMS           string        `yaml:"sms" help:"address of the gateway for short messages, https://…; memory: keeps them for administrators to look at; empty: none are sent"`
	SMSSecret     string        `yaml:"sms-secret" help:"signs requests to the gateway and its reports"`
	SMSHeaders    string        `yaml:"sms-headers" help:"further headers for the gateway, as Name: value; Name: value"`
	SMSBody       string        `yaml:"sms-body" help:"template of a request to the gateway, with {{.Key}}, {{.To}}, {{.Text}}, {{json .Text}} and {{url .Text}}; empty: JSON"`
	Crypto        string        `yaml:"crypto" help:"algorithms that personal data is sealed with: standard (AES, SHA-256, Ed25519) or sm (SM4, SM3, SM2); empty: as the keys say"`
	Keys          string        `yaml:"keys" help:"file of the keys; empty: keys.yaml in the data folder"`
	KeyRing       string        `yaml:"key-ring" help:"the keys themselves, as tongban keys make prints them, instead of a file; for secrets of containers: only in the environment"`
	SessionIdle   time.Duration `yaml:"session-idle" help:"sign out after this long without a request"`
	SecondFactor  string        `yaml:"second-factor" help:"of whom a second factor is asked: off, staff, or admins (system, security and audit administrators)"`
	OIDC          string        `yaml:"oidc" help:"file with the providers of single sign-on (OpenID Connect); empty: none"`
	RegisterURL   string        `yaml:"register-url" help:"address of the register of companies, https://…, under which firms are asked for by credit code; memory: one inside the program; empty: none, firms are verified by hand"`
	RegisterToken string        `yaml:"register-token" help:"token for the register of companies; better in the environment than in a file"`
	MaxUploadMB   int           `yaml:"max-upload-mb" help:"largest single upload"`
	DayFiles      int           `yaml:"day-files" help:"files that one applicant may upload in a day; 0: no limit"`
	DayMB         int           `yaml:"day-mb" help:"megabytes that one applicant may upload in a day; 0: no limit"`
	DayMessages   int           `yaml:"day-messages" help:"messages that one applicant may write in a day; 0: no limit"`
	DayDrafts     int           `yaml:"day-drafts" help:"applications that one applicant may begin in a day; 0: no limit"`
	DayStaff      int           `yaml:"day-staff" help:"how many times as much of these staff and programs may take"`
	VirusScan     string        `yaml:"virus-scan" help:"ClamAV daemon tcp://host:port or unix:/path that looks at every upload; empty: none"`
	VirusScanDown string        `yaml:"virus-scan-down" help:"while the scanner is away: refuse uploads, or quarantine them until it looked"`
	StopTimeout   time.Duration `yaml:"stop-timeout" help:"how long a stop waits for work in hand"`
}

// Memory stands for a mail server or a gateway that keeps everything in memory,
// for demonstrations.
const Memory = "memory:"

// Default returns the settings of a machine that only has the program.
func Default() Config {
	return Config{
		Data: DefaultData(), Listen: "127.0.0.1:8080", LogFormat: "text", LogLevel: "info",
		MailFrom: "tongban@localhost", SessionIdle: 2 * time.Hour, SecondFactor: "off", MaxUploadMB: 20, DayFiles: 300, DayMB: 1000, DayMessages: 100, DayDrafts: 100, DayStaff: 20, VirusScanDown: "refuse", Durable: true, StopTimeout: 20 * time.Second,
	}
}

// DefaultData is "tongban" in the user's cache folder.
func DefaultData() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "tongban")
}

// Field is one setting, for flags and help.
type Field struct {
	Name, Env, Help string
	value           reflect.Value
}

// Fields lists the settings of c, bound to it.
func (c *Config) Fields() []Field {
	v := reflect.ValueOf(c).Elem()
	var out []Field
	for f, val := range v.Fields() {
		name := f.Tag.Get("yaml")
		out = append(out, Field{Name: name, Env: "TONGBAN_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")), Help: f.Tag.Get("help"), value: val})
	}
	return out
}

// String, Set and Type make a Field a flag value.
func (f Field) String() string {
	if !f.value.IsValid() {
		return ""
	}
	return fmt.Sprint(f.value.Interface())
}

// Type names the kind of value for the help.
func (f Field) Type() string {
	switch f.value.Interface().(type) {
	case bool:
		return "bool"
	case int:
		return "int"
	case time.Duration:
		return "duration"
	default:
		return "string"
	}
}

// Set reads the text form of the value.
func (f Field) Set(s string) error {
	switch f.value.Interface().(type) {
	case bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%s: %q is neither true nor false", f.Name, s)
		}
		f.value.SetBool(b)
	case int:
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("%s: %q is not a whole number", f.Name, s)
		}
		f.value.SetInt(int64(n))
	case time.Duration:
		d, err := time.ParseDuration(s)
		if err != nil {
			return fmt.Errorf("%s: %q is not a duration such as 90s or 2h", f.Name, s)
		}
		f.value.SetInt(int64(d))
	default:
		f.value.SetString(s)
	}
	return nil
}

// Load reads the file (if named) and the environment into c. Unknown keys in
// the file are errors: a misspelt setting must not be silently ignored.
func (c *Config) Load(file string, getenv func(string) string) error {
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("config: %w", err)
		}
		dec := yaml.NewDecoder(bytes.NewReader(b))
		dec.KnownFields(true)
		if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("config: %s: %w", file, err)
		}
	}
	for _, f := range c.Fields() {
		if s := getenv(f.Env); s != "" {
			if err := f.Set(s); err != nil {
				return fmt.Errorf("config: %s: %w", f.Env, err)
			}
		}
	}
	return nil
}

// Validate completes c and says everything that is wrong with it at once.
func (c *Config) Validate() error {
	var all []error
	bad := func(format string, a ...any) { all = append(all, fmt.Errorf(format, a...)) }
	if c.Data == "" {
		bad("data: a folder is needed")
	}
	for name, addr := range map[string]string{"listen": c.Listen, "metrics-listen": c.MetricsListen} {
		if addr == "" && name == "metrics-listen" {
			continue
		}
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
			bad("%s: %q is not host:port", name, addr)
		}
	}
	c.BaseURL = strings.TrimSuffix(cmp.Or(c.BaseURL, "http://"+c.Listen), "/")
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		bad("base-url: %q is not an http or https address", c.BaseURL)
	} else if u.Scheme == "https" {
		c.SecureCookies = true
	}
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") && !strings.HasPrefix(c.Database, "sqlite:") {
		bad("database: want postgres://… or sqlite:FILE")
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		bad("log-format: %q is neither text nor json", c.LogFormat)
	}
	switch c.SecondFactor {
	case "off", "staff", "admins":
	default:
		bad("second-factor: %q is none of off, staff, admins", c.SecondFactor)
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		bad("log-level: %q is none of debug, info, warn, error", c.LogLevel)
	}
	if c.SMTP != "" && c.SMTP != Memory {
		if u, err := url.Parse(c.SMTP); err != nil || u.Host == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
			bad("smtp: want smtp://user:password@host:port or smtps://…")
		}
	}
	if c.SMS != "" && c.SMS != Memory {
		if u, err := url.Parse(c.SMS); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			bad("sms: want an http or https address, or memory:")
		}
	}
	if c.RegisterURL != "" && c.RegisterURL != Memory {
		if u, err := url.Parse(c.RegisterURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" {
			bad("register-url: want an http or https address without a query, or memory:")
		}
	}
	if c.Crypto != "" && c.Crypto != "standard" && c.Crypto != "sm" {
		bad("crypto: %q is neither standard nor sm", c.Crypto)
	}
	if c.SessionIdle < time.Minute {
		bad("session-idle: at least 1m")
	}
	if c.VirusScanDown != "refuse" && c.VirusScanDown != "quarantine" {
		bad("virus-scan-down: %q is neither refuse nor quarantine", c.VirusScanDown)
	}
	for name, n := range map[string]int{"day-files": c.DayFiles, "day-mb": c.DayMB, "day-messages": c.DayMessages, "day-drafts": c.DayDrafts, "day-staff": c.DayStaff} {
		if n < 0 {
			bad("%s: %d: 0 for no limit, or more", name, n)
		}
	}
	if c.MaxUploadMB < 1 || c.MaxUploadMB > 200 {
		bad("max-upload-mb: between 1 and 200")
	}
	if len(all) > 0 {
		return fmt.Errorf("config: %w", errors.Join(all...))
	}
	return nil
}

// KeyFile is where the keys are.
func (c *Config) KeyFile() string { return cmp.Or(c.Keys, filepath.Join(c.Data, "keys.yaml")) }

// DatabaseDSN is where the data lives.
func (c *Config) DatabaseDSN() string {
	return cmp.Or(c.Database, "sqlite:"+filepath.Join(c.Data, "tongban.db"))
}
