package api

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"counterfoil/api/apitest"
)

// codeAnswer is a look-up's answer about a single code, as a till gets it before
// each activation.
func codeAnswer() string {
	var b strings.Builder
	apitest.WriteBox(&b, 1, false)
	return b.String()
}

// BenchmarkSmallCalls is the pair of calls that sells one code: its look-up and
// its activation, on kept connections. The far side allocates nothing, so that
// what is reported is the client's own.
func BenchmarkSmallCalls(b *testing.B) {
	client := testClient(b, quietPlatform(b, map[string]string{
		ActionLookup: signedAnswer(ActionLookup, codeAnswer()), ActionActivate: signedAnswer(ActionActivate, inner(testTrace, "A00")),
	}))
	b.ReportAllocs()
	for b.Loop() {
		nodes := 0
		answer := client.Lookup(context.Background(), LookupRequest{TraceNo: testTrace, ID: "1001901070010000000-M4DEDSfV"}, func(Node) error {
			nodes++
			return nil
		})
		if !answer.Success() || nodes != 4 {
			b.Fatalf("look-up: %+v with %d nodes", answer, nodes)
		}
		answer = client.Activate(context.Background(), ActivateRequest{TraceNo: testTrace, ID: "1001901070010000000-M4DEDSfV", TotalAmount: "3000"})
		if !answer.Success() {
			b.Fatalf("activation: %+v", answer)
		}
	}
}

// quietPlatform answers every request from memory, by its action, and
// allocates nothing on the way.
func quietPlatform(b *testing.B, answers map[string]string) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	whole := map[string][]byte{}
	for action, text := range answers {
		whole[action] = fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\n"+
			"Date: Sun, 22 Nov 2026 10:15:03 GMT\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveQuietly(conn, whole)
		}
	}()
	return "http://" + listener.Addr().String()
}

func serveQuietly(conn net.Conn, answers map[string][]byte) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for {
		var answer []byte
		length := 0
		for first := true; ; first = false {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			name, value, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(": "))
			if first {
				path, _, _ := bytes.Cut(line, []byte(" HTTP/"))
				answer = answers[string(path[bytes.LastIndexByte(path, '/')+1:])]
			} else if strings.EqualFold(string(name), "Content-Length") {
				length, _ = strconv.Atoi(string(value))
			} else if len(name) == 0 {
				break
			}
		}
		if _, err := in.Discard(length); err != nil {
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}
