import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * A server on the loopback that speaks MongoDB's protocol and keeps what it was told in one file:
 * {@code java MongoServerProcess <port> <file>}.
 */
final class MongoServerProcess {
  /** Answers a write once it is in the file, as a journaled MongoDB does, so that a kill loses nothing it acknowledged. */
  private static final class JournaledBackend extends H2Backend {
    JournaledBackend(MVStore store) {
      super(store);
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      Document reply = super.handleMessage(message);
      if (getMvStore().hasUnsavedChanges()) commit();
      return reply;
    }
  }

  /** The oldest that today's drivers talk to is wire version 8; 13 is MongoDB 5.0. */
  private static final MongoVersion VERSION = new MongoVersion() {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  };

  public static void main(String[] arguments) {
    int port = Integer.parseInt(arguments[0]);
    // Without its background thread a commit has written when it returns.
    MVStore store = new MVStore.Builder().fileName(arguments[1]).autoCommitDisabled().open();
    store.setRetentionTime(0);
    MongoServer server = new MongoServer(new JournaledBackend(store).version(VERSION));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind("127.0.0.1", port);
  }
}
