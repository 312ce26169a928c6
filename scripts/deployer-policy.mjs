/**
 * The permissions that `terraform apply` and `terraform destroy` need, as a policy for IAM: for each type of resource in the
 * .tf files the actions by which the provider makes, reads, changes and removes it. `npm run docs` writes the policy into
 * docs/deployer-policy.json, and fails if a type has no row here. `npm run test:aws` compares it with the calls of a real
 * apply.
 */

/**
 * @typedef {{ Sid: string, Effect: "Allow", Action: string[], Resource: string | string[], Condition?: object }} Statement
 */

/** The names that the module gives with its default `project_name`. */
const NAME = "p2pmesh-signaling-*";

/**
 * One statement for each service, and the types of resources that need it. The name of a service is in the first action.
 * @type {readonly (Statement & { types: readonly string[] })[]}
 */
const ROWS = [
	{
		Sid: "WebSocketApi",
		types: [
			"aws_apigatewayv2_api",
			"aws_apigatewayv2_api_mapping",
			"aws_apigatewayv2_deployment",
			"aws_apigatewayv2_domain_name",
			"aws_apigatewayv2_integration",
			"aws_apigatewayv2_integration_response",
			"aws_apigatewayv2_route",
			"aws_apigatewayv2_route_response",
			"aws_apigatewayv2_stage",
			"aws_api_gateway_account",
		],
		Effect: "Allow",
		Action: ["apigateway:GET", "apigateway:POST", "apigateway:PUT", "apigateway:PATCH", "apigateway:DELETE"],
		Resource: [
			"arn:aws:apigateway:*::/apis",
			"arn:aws:apigateway:*::/apis/*",
			"arn:aws:apigateway:*::/domainnames",
			"arn:aws:apigateway:*::/domainnames/*",
			"arn:aws:apigateway:*::/tags/*",
			"arn:aws:apigateway:*::/account",
		],
	},
	{
		Sid: "Function",
		types: [
			"aws_lambda_function",
			"aws_lambda_alias",
			"aws_lambda_permission",
			"aws_lambda_provisioned_concurrency_config",
			"data.aws_lambda_function",
		],
		Effect: "Allow",
		Action: [
			"lambda:AddPermission",
			"lambda:CreateAlias",
			"lambda:CreateFunction",
			"lambda:DeleteAlias",
			"lambda:DeleteFunction",
			"lambda:DeleteFunctionConcurrency",
			"lambda:DeleteProvisionedConcurrencyConfig",
			"lambda:GetAlias",
			"lambda:GetFunction",
			"lambda:GetFunctionCodeSigningConfig",
			"lambda:GetFunctionConfiguration",
			"lambda:GetPolicy",
			"lambda:GetProvisionedConcurrencyConfig",
			"lambda:ListTags",
			"lambda:ListVersionsByFunction",
			"lambda:PublishVersion",
			"lambda:PutFunctionConcurrency",
			"lambda:PutProvisionedConcurrencyConfig",
			"lambda:RemovePermission",
			"lambda:TagResource",
			"lambda:UntagResource",
			"lambda:UpdateAlias",
			"lambda:UpdateFunctionCode",
			"lambda:UpdateFunctionConfiguration",
		],
		Resource: `arn:aws:lambda:*:*:function:${NAME}`,
	},
	{
		Sid: "Role",
		types: ["aws_iam_role", "aws_iam_role_policy", "aws_iam_role_policy_attachment"],
		Effect: "Allow",
		Action: [
			"iam:AttachRolePolicy",
			"iam:CreateRole",
			"iam:DeleteRole",
			"iam:DeleteRolePermissionsBoundary",
			"iam:DeleteRolePolicy",
			"iam:DetachRolePolicy",
			"iam:GetRole",
			"iam:GetRolePolicy",
			"iam:ListAttachedRolePolicies",
			"iam:ListInstanceProfilesForRole",
			"iam:ListRolePolicies",
			"iam:PassRole",
			"iam:PutRolePermissionsBoundary",
			"iam:PutRolePolicy",
			"iam:TagRole",
			"iam:UntagRole",
			"iam:UpdateAssumeRolePolicy",
			"iam:UpdateRole",
			"iam:UpdateRoleDescription",
		],
		Resource: [`arn:aws:iam::*:role/${NAME}`, `arn:aws:iam::*:role/*/${NAME}`],
	},
	{
		Sid: "Table",
		types: ["aws_dynamodb_table"],
		Effect: "Allow",
		Action: [
			"dynamodb:CreateTable",
			"dynamodb:DeleteTable",
			"dynamodb:DescribeContinuousBackups",
			"dynamodb:DescribeTable",
			"dynamodb:DescribeTimeToLive",
			"dynamodb:ListTagsOfResource",
			"dynamodb:TagResource",
			"dynamodb:UntagResource",
			"dynamodb:UpdateContinuousBackups",
			"dynamodb:UpdateTable",
			"dynamodb:UpdateTimeToLive",
		],
		Resource: `arn:aws:dynamodb:*:*:table/${NAME}`,
	},
	{
		// The provider looks up the key of the table's encryption, also AWS's own.
		Sid: "KeyOfTheTable",
		types: ["aws_dynamodb_table"],
		Effect: "Allow",
		Action: ["kms:DescribeKey"],
		Resource: "*",
	},
	{
		Sid: "Logs",
		types: ["aws_cloudwatch_log_group", "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_log_resource_policy"],
		Effect: "Allow",
		// The deliveries are the stage's access logs: API Gateway makes one in the name of the deployer.
		Action: [
			"logs:AssociateKmsKey",
			"logs:CreateLogDelivery",
			"logs:CreateLogGroup",
			"logs:DeleteLogDelivery",
			"logs:DeleteLogGroup",
			"logs:DeleteRetentionPolicy",
			"logs:DescribeLogGroups",
			"logs:DescribeResourcePolicies",
			"logs:DisassociateKmsKey",
			"logs:GetLogDelivery",
			"logs:ListLogDeliveries",
			"logs:ListTagsForResource",
			"logs:PutResourcePolicy",
			"logs:PutRetentionPolicy",
			"logs:TagResource",
			"logs:UntagResource",
			"logs:UpdateLogDelivery",
		],
		Resource: "*",
	},
	{
		Sid: "AlarmsAndDashboard",
		types: ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm", "aws_cloudwatch_dashboard"],
		Effect: "Allow",
		Action: [
			"cloudwatch:DeleteAlarms",
			"cloudwatch:DeleteDashboards",
			"cloudwatch:DescribeAlarms",
			"cloudwatch:GetDashboard",
			"cloudwatch:ListTagsForResource",
			"cloudwatch:PutCompositeAlarm",
			"cloudwatch:PutDashboard",
			"cloudwatch:PutMetricAlarm",
			"cloudwatch:TagResource",
			"cloudwatch:UntagResource",
		],
		Resource: "*",
	},
	{
		Sid: "ArtifactBucket",
		types: [
			"aws_s3_bucket",
			"aws_s3_bucket_lifecycle_configuration",
			"aws_s3_bucket_policy",
			"aws_s3_bucket_public_access_block",
			"aws_s3_bucket_server_side_encryption_configuration",
			"aws_s3_bucket_versioning",
			"aws_s3_object",
		],
		Effect: "Allow",
		Action: [
			"s3:CreateBucket",
			"s3:DeleteBucket",
			"s3:DeleteBucketPolicy",
			"s3:DeleteObject",
			"s3:DeleteObjectVersion",
			"s3:GetAccelerateConfiguration",
			"s3:GetBucketAcl",
			"s3:GetBucketCORS",
			"s3:GetBucketLocation",
			"s3:GetBucketLogging",
			"s3:GetBucketObjectLockConfiguration",
			"s3:GetBucketPolicy",
			"s3:GetBucketPublicAccessBlock",
			"s3:GetBucketRequestPayment",
			"s3:GetBucketTagging",
			"s3:GetBucketVersioning",
			"s3:GetBucketWebsite",
			"s3:GetEncryptionConfiguration",
			"s3:GetLifecycleConfiguration",
			"s3:GetObject",
			"s3:GetObjectTagging",
			"s3:GetObjectVersion",
			"s3:GetReplicationConfiguration",
			"s3:ListBucket",
			"s3:ListBucketVersions",
			"s3:ListTagsForResource",
			"s3:PutBucketPolicy",
			"s3:PutBucketPublicAccessBlock",
			"s3:PutBucketTagging",
			"s3:PutBucketVersioning",
			"s3:PutEncryptionConfiguration",
			"s3:PutLifecycleConfiguration",
			"s3:PutObject",
			"s3:TagResource",
			"s3:UntagResource",
		],
		Resource: [`arn:aws:s3:::${NAME}`, `arn:aws:s3:::${NAME}/*`],
	},
	{
		Sid: "Certificate",
		types: ["aws_acm_certificate", "aws_acm_certificate_validation"],
		Effect: "Allow",
		Action: [
			"acm:AddTagsToCertificate",
			"acm:DeleteCertificate",
			"acm:DescribeCertificate",
			"acm:ListTagsForCertificate",
			"acm:RemoveTagsFromCertificate",
			"acm:RequestCertificate",
		],
		Resource: "*",
	},
	{
		Sid: "DnsRecords",
		types: ["aws_route53_record"],
		Effect: "Allow",
		Action: [
			"route53:ChangeResourceRecordSets",
			"route53:GetChange",
			"route53:GetHostedZone",
			"route53:ListResourceRecordSets",
		],
		Resource: ["arn:aws:route53:::hostedzone/*", "arn:aws:route53:::change/*"],
	},
	{
		// Lambda asks EC2 about the VPC, in the name of the deployer.
		Sid: "NetworkOfTheFunction",
		types: ["aws_lambda_function"],
		Effect: "Allow",
		Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
		Resource: "*",
	},
	{
		Sid: "FirstDomainOfTheAccount",
		types: ["aws_apigatewayv2_domain_name"],
		Effect: "Allow",
		Action: ["iam:CreateServiceLinkedRole"],
		Resource: "arn:aws:iam::*:role/aws-service-role/ops.apigateway.amazonaws.com/*",
		Condition: { StringEquals: { "iam:AWSServiceName": "ops.apigateway.amazonaws.com" } },
	},
];

/** They ask no one: the provider answers them itself. */
const LOCAL = new Set(["data.aws_iam_policy_document", "data.aws_partition", "data.aws_region"]);

/**
 * @param {string} source the text of all .tf files
 * @returns {{ Version: string, Statement: Statement[] }}
 */
export function deployerPolicy(source) {
	const types = [...source.matchAll(/^(resource|data) "(aws_\w+)"/gm)]
		.map(([, kind, type]) => (kind === "data" ? `data.${type}` : `${type}`))
		.filter((type) => !LOCAL.has(type));
	const unknown = types.filter((type) => !ROWS.some((row) => row.types.includes(type)));
	if (unknown.length > 0) {
		throw new Error(`scripts/deployer-policy.mjs has no actions for ${[...new Set(unknown)].join(", ")}.`);
	}
	const needed = ROWS.filter((row) => row.types.some((type) => types.includes(type)));
	return { Version: "2012-10-17", Statement: needed.map(({ types: _types, ...statement }) => statement) };
}
