/** What backends share: cutting and checksumming frames, queues of them, their way to the guest. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.frame;
