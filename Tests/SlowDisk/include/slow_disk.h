#ifndef TALLY_SLOW_DISK_H
#define TALLY_SLOW_DISK_H

// Nothing to call: the library takes the place of fdatasync where it is preloaded.

#endif
