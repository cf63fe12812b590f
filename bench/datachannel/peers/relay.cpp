// A bad line between two ICE peers: relay PORT_A PORT_B oneWayMs lossPercent mbit queueKB [address]
//
// What arrives on PORT_A leaves from PORT_B to the peer behind it, and the other way round: the last line "B host port"
// on stdin, or whoever sent first. 0 Mbit/s is no limit. Ends with its stdin.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>

namespace {

constexpr int kBufferBytes = 4 << 20;
constexpr int kPacketsATurn = 64;

struct Packet {
  double due_ms;
  std::string bytes;
};

struct Side {
  int socket = -1;
  sockaddr_in peer = {};
  std::deque<Packet> queue;  // towards the other side
  double busy_until_ms = 0;
};

struct Line {
  double delay_ms;
  double loss;
  double mbit;
  double queue_kb;
};

double now_ms() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

sockaddr_in address_of(const char* host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, host, &address.sin_addr);
  address.sin_port = htons(port);
  return address;
}

bool open_side(Side& side, const char* host, int port) {
  side.socket = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(side.socket, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes);
  setsockopt(side.socket, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
  sockaddr_in address = address_of(host, port);
  return bind(side.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// Sends what is due; when the next packet is.
double deliver(Side& from, Side& to, double now) {
  while (!from.queue.empty() && from.queue.front().due_ms <= now) {
    const std::string& bytes = from.queue.front().bytes;
    if (to.peer.sin_port)
      sendto(to.socket, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to.peer),
             sizeof to.peer);
    from.queue.pop_front();
  }
  return from.queue.empty() ? now + 1000 : from.queue.front().due_ms;
}

void receive(Side& side, const Line& line, std::mt19937& random) {
  static char buffer[65536];
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int i = 0; i < kPacketsATurn; i++) {
    sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t bytes = recvfrom(side.socket, buffer, sizeof buffer, MSG_DONTWAIT,
                             reinterpret_cast<sockaddr*>(&from), &length);
    if (bytes <= 0) return;
    if (!side.peer.sin_port) side.peer = from;
    if (uniform(random) < line.loss) continue;
    double sent = now_ms();
    if (line.mbit > 0) {
      if (side.busy_until_ms < sent) side.busy_until_ms = sent;
      bool full = (side.busy_until_ms - sent) * line.mbit / 8 > line.queue_kb;
      if (full) continue;
      side.busy_until_ms += bytes * 8 / (line.mbit * 1000);
      sent = side.busy_until_ms;
    }
    side.queue.push_back({sent + line.delay_ms, std::string(buffer, bytes)});
  }
}

bool read_command(Side sides[2]) {
  char text[256], name, host[64];
  int port;
  if (!fgets(text, sizeof text, stdin)) return false;
  if (sscanf(text, "%c %63s %d", &name, host, &port) == 3)
    sides[name == 'A' ? 0 : 1].peer = address_of(host, port);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 7) {
    fprintf(stderr, "relay PORT_A PORT_B oneWayMs lossPercent mbit queueKB [address]\n");
    return 2;
  }
  Line line = {atof(arguments[3]), atof(arguments[4]) / 100, atof(arguments[5]), atof(arguments[6])};
  const char* host = count > 7 ? arguments[7] : "127.0.0.1";
  Side sides[2];
  for (int i = 0; i < 2; i++) {
    if (open_side(sides[i], host, atoi(arguments[1 + i]))) continue;
    perror("bind");
    return 1;
  }
  std::mt19937 random(42);
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    double now = now_ms();
    double next = std::min(deliver(sides[0], sides[1], now), deliver(sides[1], sides[0], now));
    pollfd ready[3] = {{sides[0].socket, POLLIN, 0}, {sides[1].socket, POLLIN, 0}, {0, POLLIN, 0}};
    double wait = std::max(0.0, next - now_ms());
    timespec timeout = {long(wait / 1000), long((wait - long(wait / 1000) * 1000) * 1e6)};
    ppoll(ready, 3, &timeout, nullptr);
    for (int i = 0; i < 2; i++)
      if (ready[i].revents & POLLIN) receive(sides[i], line, random);
    if (ready[2].revents && !read_command(sides)) return 0;
  }
}
