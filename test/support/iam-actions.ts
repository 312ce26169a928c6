/** The IAM action that an operation takes: most have its name, but a service with an API by path names them otherwise. */
export function actionsOf(operation: string): readonly string[] {
	const [service = "", name = "", ...rest] = operation.split(" ");
	const path = [name, ...rest].join(" ");
	switch (service) {
		case "apigateway":
			return [`apigateway:${name}`];
		case "lambda":
			return LAMBDA[path] ?? [`lambda:? ${path}`];
		case "s3":
			return S3[path] ?? [`s3:? ${path}`];
		case "route53":
			return ROUTE53[path] ?? [`route53:? ${path}`];
		case "monitoring":
			return [`cloudwatch:${path.split(/[ /]/).at(-1)}`];
		default:
			return [`${service}:${name}`];
	}
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
const LAMBDA: Readonly<Record<string, readonly string[]>> = {
	"POST functions": ["lambda:CreateFunction", "iam:PassRole"],
	"GET functions": ["lambda:GetFunction"],
	"DELETE functions": ["lambda:DeleteFunction"],
	"GET functions/code-signing-config": ["lambda:GetFunctionCodeSigningConfig"],
	"GET functions/configuration": ["lambda:GetFunctionConfiguration"],
	"PUT functions/configuration": ["lambda:UpdateFunctionConfiguration"],
	"PUT functions/code": ["lambda:UpdateFunctionCode"],
	"GET functions/versions": ["lambda:ListVersionsByFunction"],
	"POST functions/versions": ["lambda:PublishVersion"],
	"POST functions/aliases": ["lambda:CreateAlias"],
	"GET functions/aliases": ["lambda:GetAlias"],
	"PUT functions/aliases": ["lambda:UpdateAlias"],
	"DELETE functions/aliases": ["lambda:DeleteAlias"],
	"POST functions/policy": ["lambda:AddPermission"],
	"GET functions/policy": ["lambda:GetPolicy"],
	"DELETE functions/policy": ["lambda:RemovePermission"],
	"PUT functions/concurrency": ["lambda:PutFunctionConcurrency"],
	"DELETE functions/concurrency": ["lambda:DeleteFunctionConcurrency"],
	"PUT functions/provisioned-concurrency": ["lambda:PutProvisionedConcurrencyConfig"],
	"GET functions/provisioned-concurrency": ["lambda:GetProvisionedConcurrencyConfig"],
	"DELETE functions/provisioned-concurrency": ["lambda:DeleteProvisionedConcurrencyConfig"],
	"GET tags": ["lambda:ListTags"],
	"POST tags": ["lambda:TagResource"],
	"DELETE tags": ["lambda:UntagResource"],
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const S3: Readonly<Record<string, readonly string[]>> = {
	"PUT bucket": ["s3:CreateBucket"],
	"HEAD bucket": ["s3:ListBucket"],
	"DELETE bucket": ["s3:DeleteBucket"],
	"GET bucket ?acl": ["s3:GetBucketAcl"],
	"GET bucket ?accelerate": ["s3:GetAccelerateConfiguration"],
	"GET bucket ?cors": ["s3:GetBucketCORS"],
	"GET bucket ?encryption": ["s3:GetEncryptionConfiguration"],
	"PUT bucket ?encryption": ["s3:PutEncryptionConfiguration"],
	"DELETE bucket ?encryption": ["s3:PutEncryptionConfiguration"],
	"GET bucket ?lifecycle": ["s3:GetLifecycleConfiguration"],
	"PUT bucket ?lifecycle": ["s3:PutLifecycleConfiguration"],
	"DELETE bucket ?lifecycle": ["s3:PutLifecycleConfiguration"],
	"GET bucket ?list-type": ["s3:ListBucket"],
	"GET bucket ?location": ["s3:GetBucketLocation"],
	"GET bucket ?logging": ["s3:GetBucketLogging"],
	"GET bucket ?object-lock": ["s3:GetBucketObjectLockConfiguration"],
	"GET bucket ?policy": ["s3:GetBucketPolicy"],
	"PUT bucket ?policy": ["s3:PutBucketPolicy"],
	"DELETE bucket ?policy": ["s3:DeleteBucketPolicy"],
	"GET bucket ?prefix": ["s3:ListBucket", "s3:ListBucketVersions"],
	"GET bucket ?publicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
	"PUT bucket ?publicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
	"DELETE bucket ?publicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
	"GET bucket ?replication": ["s3:GetReplicationConfiguration"],
	"GET bucket ?requestPayment": ["s3:GetBucketRequestPayment"],
	"GET bucket ?tagging": ["s3:GetBucketTagging"],
	"PUT bucket ?tagging": ["s3:PutBucketTagging"],
	"GET bucket ?versioning": ["s3:GetBucketVersioning"],
	"PUT bucket ?versioning": ["s3:PutBucketVersioning"],
	"GET bucket ?versions": ["s3:ListBucketVersions"],
	"GET bucket ?website": ["s3:GetBucketWebsite"],
	"POST bucket ?delete": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
	"PUT object": ["s3:PutObject"],
	"HEAD object": ["s3:GetObject"],
	"GET object": ["s3:GetObject"],
	"GET object ?tagging": ["s3:GetObjectTagging"],
	"DELETE object": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html */
const ROUTE53: Readonly<Record<string, readonly string[]>> = {
	"GET hostedzone": ["route53:GetHostedZone"],
	"POST hostedzone": ["route53:ChangeResourceRecordSets"],
	"POST hostedzone/rrset": ["route53:ChangeResourceRecordSets"],
	"GET hostedzone/rrset": ["route53:ListResourceRecordSets"],
	"GET change": ["route53:GetChange"],
};
