// libFuzzer calls the first function. Its main takes the place of the second, which is weak; an
// ordinary build keeps it and replays files.

#include <stddef.h>
#include <stdint.h>

int tallyFuzzGossip(const uint8_t *start, ptrdiff_t count);
int tallyReplay(int (*body)(const uint8_t *, ptrdiff_t), int count, char **arguments);

int LLVMFuzzerTestOneInput(const uint8_t *start, size_t count) {
    return tallyFuzzGossip(start, (ptrdiff_t)count);
}

__attribute__((weak)) int main(int count, char **arguments) {
    return tallyReplay(tallyFuzzGossip, count, arguments);
}
