import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/** A job in SQL for clusters that run one job: executes the statements that it is given. */
public final class SqlRunner {
  public static void main(String[] statements) {
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    for (String statement : statements) {
      tables.executeSql(statement);
    }
  }
}
