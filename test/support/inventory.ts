import { run } from "./command.ts";
import { CREDENTIALS, REGION } from "./ministack.ts";

/** What there is in an account, by name. */
export interface Inventory {
	readonly apis: readonly string[];
	readonly functions: readonly string[];
	readonly logGroups: readonly string[];
	readonly roles: readonly string[];
	readonly tables: readonly string[];
	readonly buckets: readonly string[];
	readonly certificates: readonly string[];
	readonly domains: readonly string[];
	/** DNS records but for those that every zone has, `A signaling.example.com.`. */
	readonly records: readonly string[];
	readonly networkInterfaces: readonly string[];
}

/** The SDK for Python comes with the emulator, and knows every service: the project itself needs only two of them. */
const LIST = `
import botocore.session, json
session = botocore.session.get_session()
route53 = session.create_client("route53")
ec2 = session.create_client("ec2")
def names(service, operation, field, name):
    pages = session.create_client(service).get_paginator(operation).paginate()
    return [item if name is None else item[name] for page in pages for item in page[field]]
print(json.dumps({
    "apis": names("apigatewayv2", "get_apis", "Items", "Name"),
    "functions": names("lambda", "list_functions", "Functions", "FunctionName"),
    "logGroups": names("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "roles": names("iam", "list_roles", "Roles", "RoleName"),
    "tables": names("dynamodb", "list_tables", "TableNames", None),
    "buckets": [bucket["Name"] for bucket in session.create_client("s3").list_buckets()["Buckets"]],
    "certificates": names("acm", "list_certificates", "CertificateSummaryList", "DomainName"),
    "domains": [domain["DomainName"] for domain in session.create_client("apigatewayv2").get_domain_names()["Items"]],
    "records": [record["Type"] + " " + record["Name"]
        for zone in route53.list_hosted_zones()["HostedZones"]
        for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        if record["Type"] not in ("NS", "SOA")],
    "networkInterfaces": [each["NetworkInterfaceId"] for each in ec2.describe_network_interfaces()["NetworkInterfaces"]],
}))
`;

/** Asks an emulator's AWS APIs what there is in a region. */
export async function inventory(python: string, endpoint: string, region: string = REGION): Promise<Inventory> {
	const { stdout } = await run(python, ["-c", LIST], {
		env: { PATH: process.env.PATH, AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: region, ...CREDENTIALS },
		timeoutMs: 30_000,
	});
	return JSON.parse(stdout);
}
