/** What KVM offers its guests, for those that look for it: its clock. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.kvm;
