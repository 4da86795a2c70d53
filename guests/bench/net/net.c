/*
 * net ADDRESS PORT ROW,...: measures a network as process 1 of a guest, against NetBenchPeer.
 *
 * A row prints a line "begin NAME" and then "row NAME CHECKSUM NANOSECONDS ...", with a number for
 * each round by CLOCK_MONOTONIC; the end of all is a line "end". Then it ends the machine.
 *
 * Rows: tcp-send and tcp-receive (one stream), connections (opened one after the other, with a byte
 * each way), requests (64 bytes there and back, one at a time), requests-32 (on 32 connections),
 * udp-send and udp-receive (small datagrams until so many have arrived, 64 on their way), crowd
 * (10,000 connections that stay open and idle through all later rows). A row of a stream can say
 * how much, as in tcp-send:1024 for a gibibyte, and then has one round.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../row.h"

#define ROUNDS 10
#define STREAM_MEBIBYTES 96
#define CHUNK (256l << 10)
#define MESSAGE 64
#define STREAMS 32
#define CROWD 10000
#define DATAGRAM 200
#define DATAGRAMS 30000
#define WINDOW 64
#define PATIENCE_MILLIS 200

static struct sockaddr_in peer;
static char *buffer;
static long stream_bytes;

static void send_all(int stream, const char *bytes, long length) {
  while (length > 0) {
    long sent = send(stream, bytes, (size_t)length, MSG_NOSIGNAL);
    require(sent > 0);
    bytes += sent;
    length -= sent;
  }
}

static void receive_all(int stream, char *bytes, long length) {
  while (length > 0) {
    long got = recv(stream, bytes, (size_t)length, 0);
    require(got > 0);
    bytes += got;
    length -= got;
  }
}

/* Opens a stream for one of the peer's services: (s)ink, (g)enerator, (e)cho. */
static int open_stream(char service) {
  int stream = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  require(stream >= 0);
  require(setsockopt(stream, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
  require(connect(stream, (struct sockaddr *)&peer, sizeof peer) == 0);
  send_all(stream, &service, 1);
  return stream;
}

/* Each byte of a stream tells where it belongs. */
static char byte_at(long position) { return (char)(position >> 3); }

static uint64_t stream_out(void) {
  uint64_t total = 0;
  int stream = open_stream('s');
  for (long i = 0; i < CHUNK; i++) {
    buffer[i] = byte_at(i);
  }
  for (long sent = 0; sent < stream_bytes; sent += CHUNK) {
    send_all(stream, buffer, CHUNK);
  }
  require(shutdown(stream, SHUT_WR) == 0);
  receive_all(stream, (char *)&total, sizeof total);
  require(be64toh(total) == (uint64_t)stream_bytes);
  close(stream);
  return be64toh(total);
}

static uint64_t stream_in(void) {
  uint64_t wanted = htobe64((uint64_t)stream_bytes);
  long total = 0;
  int stream = open_stream('g');
  send_all(stream, (char *)&wanted, sizeof wanted);
  for (;;) {
    long got = recv(stream, buffer, CHUNK, 0);
    require(got >= 0);
    if (got == 0) {
      break;
    }
    require(buffer[0] == byte_at(total) && buffer[got - 1] == byte_at(total + got - 1));
    total += got;
  }
  require(total == stream_bytes);
  close(stream);
  return (uint64_t)total;
}

static uint64_t connections(int count) {
  uint64_t sum = 0;
  for (int i = 0; i < count; i++) {
    char byte = (char)i;
    int stream = open_stream('e');
    send_all(stream, &byte, 1);
    receive_all(stream, &byte, 1);
    sum = mix(sum, (uint64_t)byte);
    close(stream);
  }
  return sum;
}

static uint64_t requests(int streams, int count) {
  int open[STREAMS];
  uint64_t sum = 0;
  for (int i = 0; i < streams; i++) {
    open[i] = open_stream('e');
  }
  for (int i = 0; i < count; i++) {
    memset(buffer, i, MESSAGE);
    for (int s = 0; s < streams; s++) {
      send_all(open[s], buffer, MESSAGE);
    }
    for (int s = 0; s < streams; s++) {
      receive_all(open[s], buffer, MESSAGE);
      sum = mix(sum, (uint64_t)buffer[MESSAGE - 1]);
    }
  }
  for (int i = 0; i < streams; i++) {
    close(open[i]);
  }
  return sum;
}

/* Only what they are open for is missing: each says a byte and hears it. */
static uint64_t crowd(void) {
  struct rlimit files = {CROWD + 100, CROWD + 100};
  uint64_t sum = 0;
  require(setrlimit(RLIMIT_NOFILE, &files) == 0);
  for (int i = 0; i < CROWD; i++) {
    char byte = (char)i;
    int stream = open_stream('e');
    send_all(stream, &byte, 1);
    receive_all(stream, &byte, 1);
    sum = mix(sum, (uint64_t)byte);
  }
  return sum;
}

static int open_datagrams(void) {
  int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  require(socket_ >= 0);
  require(connect(socket_, (struct sockaddr *)&peer, sizeof peer) == 0);
  return socket_;
}

static void tell(int datagrams, char what, uint32_t number, long length) {
  uint32_t big = htonl(number);
  buffer[0] = what;
  memcpy(buffer + 1, &big, sizeof big);
  require(send(datagrams, buffer, (size_t)length, 0) == length || errno == ENOBUFS);
}

/* Waits for a datagram; answers its number, or -1 when none came in time. */
static long hear(int datagrams, int wait_millis) {
  struct pollfd waiting = {datagrams, POLLIN, 0};
  char bytes[2048];
  uint32_t big;
  long got = recv(datagrams, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got < 0 && wait_millis > 0 && poll(&waiting, 1, wait_millis) == 1) {
    got = recv(datagrams, bytes, sizeof bytes, MSG_DONTWAIT);
  }
  if (got < 5) {
    return -1;
  }
  memcpy(&big, bytes + 1, sizeof big);
  return ntohl(big);
}

static uint64_t datagrams_out(void) {
  int datagrams = open_datagrams();
  long counted = 0;
  long sent = 0;
  memset(buffer, 0, DATAGRAM);
  while (counted < DATAGRAMS) {
    while (sent - counted < WINDOW) {
      tell(datagrams, 'd', (uint32_t)sent++, DATAGRAM);
    }
    long heard = hear(datagrams, PATIENCE_MILLIS);
    if (heard < 0) {
      /* The answer is what has arrived so far; the rest is lost. */
      tell(datagrams, 'q', 0, 5);
      heard = hear(datagrams, PATIENCE_MILLIS);
      sent = heard > counted ? heard : counted;
    }
    counted = heard > counted ? heard : counted;
  }
  close(datagrams);
  return DATAGRAMS;
}

static uint64_t datagrams_in(void) {
  int datagrams = open_datagrams();
  long got = 0;
  long told = 0;
  tell(datagrams, 'a', 0, 5);
  while (got < DATAGRAMS) {
    if (hear(datagrams, PATIENCE_MILLIS) >= 0) {
      got++;
      if (got - told == WINDOW / 4) {
        told = got;
        tell(datagrams, 'a', (uint32_t)got, 5);
      }
    } else {
      told = got;
      tell(datagrams, 'l', (uint32_t)got, 5);
    }
  }
  close(datagrams);
  return DATAGRAMS;
}

static uint64_t run(const char *name) {
  if (strcmp(name, "tcp-send") == 0) {
    return stream_out();
  } else if (strcmp(name, "tcp-receive") == 0) {
    return stream_in();
  } else if (strcmp(name, "connections") == 0) {
    return connections(400);
  } else if (strcmp(name, "requests") == 0) {
    return requests(1, 4000);
  } else if (strcmp(name, "requests-32") == 0) {
    return requests(STREAMS, 400);
  } else if (strcmp(name, "crowd") == 0) {
    return crowd();
  } else if (strcmp(name, "udp-send") == 0) {
    return datagrams_out();
  } else if (strcmp(name, "udp-receive") == 0) {
    return datagrams_in();
  }
  printf("there is no row %s\n", name);
  finish();
  return 0;
}

static void measure(const char *row) {
  char work[100];
  uint64_t nanos[ROUNDS];
  uint64_t checksum = 0;
  int rounds = strcmp(row, "crowd") == 0 ? 1 : ROUNDS;
  snprintf(work, sizeof work, "%s", row);
  stream_bytes = (long)STREAM_MEBIBYTES << 20;
  char *size = strchr(work, ':');
  if (size != NULL) {
    *size = 0;
    stream_bytes = atol(size + 1) << 20;
    rounds = 1;
  }
  printf("begin %s\n", row);
  for (int round = 0; round < rounds; round++) {
    uint64_t start = now_nanos();
    checksum = mix(checksum, run(work));
    nanos[round] = now_nanos() - start;
  }
  tell_row(row, checksum, nanos, rounds);
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  require(count == 4);
  peer.sin_family = AF_INET;
  peer.sin_port = htons((uint16_t)atoi(words[2]));
  require(inet_pton(AF_INET, words[1], &peer.sin_addr) == 1);
  buffer = malloc(CHUNK);
  require(buffer != NULL);
  memset(buffer, 0, CHUNK);
  for (char *row = strtok(words[3], ","); row != NULL; row = strtok(NULL, ",")) {
    measure(row);
  }
  printf("end\n");
  finish();
}
