package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.LinuxProcess;

/**
 * Whose the files are to the guest: those of the user and the group of this process may be those of
 * one of the guest's users, with a group of the same number, and the other way round. All others
 * are what they are on the host.
 *
 * @param user of this process
 * @param group of this process
 * @param guest the user that it is to the guest
 */
record GuestOwners(int user, int group, int guest) {
  private static final int NOBODY = -1;

  static GuestOwners of(int guest) {
    return guest == NinepConfig.AS_ON_HOST
        ? new GuestOwners(NOBODY, NOBODY, NOBODY)
        : new GuestOwners(LinuxProcess.geteuid(), LinuxProcess.getegid(), guest);
  }

  int userToGuest(int uid) {
    return uid == user ? guest : uid;
  }

  int groupToGuest(int gid) {
    return gid == group ? guest : gid;
  }

  int userToHost(int uid) {
    return uid == guest ? user : uid;
  }

  int groupToHost(int gid) {
    return gid == guest ? group : gid;
  }
}
