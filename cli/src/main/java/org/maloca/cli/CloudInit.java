package org.maloca.cli;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.cloud.CloudInitVerdict;
import org.maloca.cli.cloud.CloudInitWatch;
import org.maloca.cli.cloud.CloudSeed;
import org.maloca.cli.cloud.PhoneHome;
import org.maloca.cli.console.HostConsole;
import org.maloca.cli.console.WatchedConsole;
import org.maloca.machine.config.NetCable;
import org.maloca.machine.config.NetConfig;
import org.maloca.machine.device.NetworkPlug;
import org.maloca.net.NetworkConfig;
import org.maloca.net.NetworkMode;

/** What a guest's cloud-init is told, and the ways on which it tells how it went. */
final class CloudInit {
  /** In whatever text format the user-data are. */
  private static final Pattern OWN_PHONE_HOME = Pattern.compile("(?m)^[ \t]*phone_home[ \t]*:");

  private final CloudSeed seed;
  private final CloudInitVerdict verdict;
  private @Nullable PhoneHome home;

  /**
   * Makes both.
   *
   * @param notes hears how it went
   */
  CloudInit(CloudSeed seed, Consumer<String> notes) {
    this.seed = seed;
    verdict = new CloudInitVerdict(notes);
  }

  /**
   * Lets the guest call home by a card, if that leads to a gateway of ours and the user-data have
   * no other home for it.
   */
  void callHomeBy(NetConfig config, NetworkPlug card) {
    boolean leadsHere =
        config.cable() instanceof NetCable.UserMode cable
            && (cable.mode() == NetworkMode.NAT || cable.mode() == NetworkMode.HOST_ONLY);
    if (leadsHere && !hasOwnHome()) {
      PhoneHome called = new PhoneHome(verdict);
      card.takePosts(called.path(), called::receive);
      home = called;
    }
  }

  private boolean hasOwnHome() {
    byte[] userData = seed.userData();
    return userData != null
        && OWN_PHONE_HOME.matcher(new String(userData, StandardCharsets.ISO_8859_1)).find();
  }

  /** The CD, once it is known by which card the guest calls home. */
  byte[] seedImage() {
    PhoneHome called = home;
    return seed.image(
        called == null ? null : called.vendorData(NetworkConfig.USUAL_DNS4.getHostAddress()));
  }

  /** Listens to the serial console as well. */
  HostConsole watched(HostConsole console) {
    return new WatchedConsole(console, new CloudInitWatch(verdict));
  }

  /** Whether it is known how it went. */
  boolean isOver() {
    return verdict.isOver();
  }
}
