package org.maloca.net;

/** What the machines of a network reach. */
public enum NetworkMode {
  /** Each other, the gateway's services, and what the host reaches. Port forwards lead in. */
  NAT,
  /** Each other and the gateway's services. Port forwards lead in. */
  HOST_ONLY,
  /** Each other and the gateway's services, such as the assignment of addresses. */
  ISOLATED,
  /** Nothing: the cable is out. */
  NONE
}
