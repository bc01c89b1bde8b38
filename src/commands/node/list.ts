import { DaemonCommand } from "../../cli/command.ts";
import { surveyNodes } from "../../cli/node-survey.ts";
import { listingFlags } from "../../cli/listing.ts";
import { nodeList, nodeListing } from "../../cli/node-view.ts";

export default class NodeList extends DaemonCommand {
  static override summary = "List the nodes of the cluster and whether each of them answers.";
  static override description = "All are asked at once, for a second at most: a dead node makes it no slower.";
  static override examples = ["<%= config.bin %> node list", "<%= config.bin %> node list --columns name,version,database --filter reachable=yes"];
  static override flags = listingFlags(nodeListing);

  override async run(): Promise<void> {
    const { flags } = await this.parse(NodeList);
    await this.print(flags, nodeList(await this.daemon(flags).read(surveyNodes), flags));
  }
}
