package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// Texts end in "ref" and a number, by which deliveries are counted.
var reference = regexp.MustCompile(`ref(\d+)`)

// carriers is three of them in one server: clickatell fails at times, twilio hangs at times, webhook is well.
type carriers struct {
	fail, hang, stray float64
	slow              time.Duration

	mutex     sync.Mutex
	delivered map[string]int
}

func stub(arguments []string) error {
	var listen, certificate, key string
	it := &carriers{delivered: map[string]int{}}
	err := flags("stub", arguments, func(set *flag.FlagSet) {
		set.StringVar(&listen, "listen", "127.0.0.1:0", "address")
		set.StringVar(&certificate, "cert", "", "certificate chain, PEM")
		set.StringVar(&key, "key", "", "its key, PEM")
		set.Float64Var(&it.fail, "fail", 0, "share of clickatell's requests that fail")
		set.Float64Var(&it.hang, "hang", 0, "share of twilio's requests that are never answered")
		set.Float64Var(&it.stray, "stray", 0, "share of the failed and hanging ones that are delivered all the same")
		set.DurationVar(&it.slow, "slow", 0, "time each answer takes")
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /clickatell/v1/message", it.clickatell)
	mux.HandleFunc("POST /twilio/2010-04-01/Accounts/{account}/Messages.json", it.twilio)
	mux.HandleFunc("POST /webhook", it.webhook)
	mux.HandleFunc("GET /report", it.report)
	server := &http.Server{Handler: mux}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-stop; server.Close() }()
	if err := server.ServeTLS(listener, certificate, key); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// take reads one request and notes the message as delivered, when it is.
func (it *carriers) take(request *http.Request, delivered bool) {
	body, _ := io.ReadAll(request.Body)
	found := reference.FindSubmatch(body)
	if delivered && found != nil {
		it.mutex.Lock()
		it.delivered[string(found[1])]++
		it.mutex.Unlock()
	}
	if it.slow > 0 {
		time.Sleep(it.slow)
	}
}

func (it *carriers) clickatell(writer http.ResponseWriter, request *http.Request) {
	if rand.Float64() >= it.fail {
		it.take(request, true)
		writer.Header().Set("Content-Type", "application/json")
		writer.WriteHeader(http.StatusAccepted)
		io.WriteString(writer, `{"messages":[{"apiMessageId":"a8f1","accepted":true,"to":"12025550100","error":null}],"error":null}`)
		return
	}
	it.take(request, rand.Float64() < it.stray)
	if rand.Float64() < 0.5 {
		http.Error(writer, `{"messages":[],"error":{"code":19,"description":"try again"}}`, http.StatusServiceUnavailable)
		return
	}
	panic(http.ErrAbortHandler) // the connection is cut
}

func (it *carriers) twilio(writer http.ResponseWriter, request *http.Request) {
	if rand.Float64() < it.hang {
		it.take(request, rand.Float64() < it.stray)
		<-request.Context().Done()
		return
	}
	it.take(request, true)
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(http.StatusCreated)
	io.WriteString(writer, `{"sid":"SM00000000000000000000000000000001","status":"queued","error_code":null}`)
}

func (it *carriers) webhook(writer http.ResponseWriter, request *http.Request) {
	it.take(request, true)
	writer.Header().Set("Content-Type", "application/json")
	io.WriteString(writer, `{"status":"accepted","id":"w1"}`)
}

func (it *carriers) report(writer http.ResponseWriter, _ *http.Request) {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	messages, doubled, deliveries := len(it.delivered), 0, 0
	for _, times := range it.delivered {
		deliveries += times
		if times > 1 {
			doubled += times - 1
		}
	}
	json.NewEncoder(writer).Encode(map[string]int{"messages": messages, "deliveries": deliveries, "doubled": doubled})
}
