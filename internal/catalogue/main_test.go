package catalogue_test

import (
	"os"
	"testing"

	"github.com/tongban/tongban/internal/testkit/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
