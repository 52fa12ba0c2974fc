package config

import (
	"strings"
	"testing"
)

func TestTimesThatDoNotFitAreRefusedWhereSomebodyWroteThem(t *testing.T) {
	t.Parallel()
	const settle, answer, absent = "COUNTERFOIL_PLATFORM_SETTLE_TIME", "COUNTERFOIL_PLATFORM_ANSWER_TIMEOUT", "COUNTERFOIL_PLATFORM_ABSENT_AFTER"
	for _, c := range []struct{ text, environ, setting, where, allowed string }{
		{"settle_time = \"24h\"", "", settleTime, ":2", "shorter_than"},
		{"answer_timeout = \"10m\"", "", answerTimeout, ":2", "shorter_than"},
		{"settle_time = \"1s\"\nanswer_timeout = \"10m\"", "", answerTimeout, ":3", "shorter_than"},
		{"answer_timeout = \"5m\"\nsettle_time = \"5m\"", "", settleTime, ":3", "shorter_than"},
		{"absent_after = \"40s\"", "", absentAfter, ":2", "longer_than"},
		{"settle_time = \"1h\"\nabsent_after = \"1h\"", "", absentAfter, ":3", "longer_than"},
		{"", settle + "=24h", settleTime, "$" + settle, "shorter_than"},
		{"settle_time = \"1m\"", answer + "=10m", answerTimeout, "$" + answer, "shorter_than"},
		{"settle_time = \"1m\"", settle + "=10m", settleTime, "$" + settle, "shorter_than"},
		{"settle_time = \"1m\"", absent + "=1m", absentAfter, "$" + absent, "longer_than"},
	} {
		_, err := load(t, "[platform]\n"+c.text+"\n", c.environ)
		e := wantError(t, err, "cli.config.bad_value")
		where, _ := e.Args["Where"].(string)
		if allowed := e.Args["Allowed"].(Phrase).ID; e.Args["Setting"] != c.setting || !strings.HasSuffix(where, c.where) || allowed != "cli.allowed."+c.allowed {
			t.Errorf("%q, %q: %v at %v, %s", c.text, c.environ, e.Args["Setting"], e.Args["Where"], allowed)
		}
	}
}
